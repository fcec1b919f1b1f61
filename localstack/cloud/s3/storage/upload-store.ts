import { randomBytes } from "node:crypto";
import type { CloudContext } from "../../context.ts";
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumAlgorithms,
} from "../checksums/algorithms.ts";
import {
  type FreedBlobs,
  type StoredHeaders,
  type StoredPart,
  storedHeaders,
  toPart,
} from "./object-store.ts";

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: StoredHeaders;
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType }
    | undefined;
  readonly initiatedAt: number;
}

/** Multipart uploads under way. Their parts stand under the upload's id. */
export function createUploadStore(context: CloudContext) {
  const { database } = context;
  const insert = database.prepare(`
    INSERT INTO s3_uploads (id, bucket, key, headers, checksum_algorithm, checksum_type, initiated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const select = database.prepare("SELECT * FROM s3_uploads WHERE id = ?");
  const remove = database.prepare("DELETE FROM s3_uploads WHERE id = ?");
  const page = database.prepare(`
    SELECT * FROM s3_uploads WHERE bucket = :bucket AND key >= :from AND (:below IS NULL OR key < :below)
      AND (key, id) > (:afterKey, :afterId)
    ORDER BY key, id LIMIT :limit`);
  const olderThan = database.prepare(`
    SELECT * FROM s3_uploads WHERE bucket = :bucket AND key >= :from AND (:below IS NULL OR key < :below)
      AND initiated_at <= :until
    LIMIT :limit`);
  const selectBlob = database.prepare(
    "SELECT blob FROM s3_parts WHERE content_id = ? AND number = ?",
  );
  const upsertPart = database.prepare(`
    INSERT INTO s3_parts (content_id, number, start, size, blob, md5, checksum, modified_at)
    VALUES (?, ?, 0, ?, ?, ?, ?, ?)
    ON CONFLICT (content_id, number) DO UPDATE SET size = excluded.size, blob = excluded.blob,
      md5 = excluded.md5, checksum = excluded.checksum, modified_at = excluded.modified_at`);
  const selectParts = database.prepare(
    "SELECT * FROM s3_parts WHERE content_id = ? AND number > ? ORDER BY number LIMIT ?",
  );
  const placePart = database.prepare(
    "UPDATE s3_parts SET start = ? WHERE content_id = ? AND number = ?",
  );
  const removePart = database.prepare("DELETE FROM s3_parts WHERE content_id = ? AND number = ?");
  const removeParts = database.prepare("DELETE FROM s3_parts WHERE content_id = ? RETURNING blob");

  const find = (id: string): Upload | undefined => {
    const row = select.get(id);
    return row && toUpload(row);
  };

  return {
    find,
    create(upload: Omit<Upload, "id" | "initiatedAt">): string {
      const now = context.clock.now();
      // The time in front lets uploads of a key be listed in the order they began.
      const id = now.toString(16).padStart(12, "0") + randomBytes(26).toString("hex");
      insert.run(
        id,
        upload.bucket,
        upload.key,
        JSON.stringify(upload.headers),
        upload.checksum?.algorithm ?? null,
        upload.checksum?.type ?? null,
        now,
      );
      return id;
    },
    /** Puts a part in place of the one of its number. Within a transaction. */
    putPart(
      uploadId: string,
      part: Pick<StoredPart, "number" | "size" | "blob" | "md5" | "checksum">,
    ): FreedBlobs {
      const before = selectBlob.get(uploadId, part.number);
      upsertPart.run(
        uploadId,
        part.number,
        part.size,
        part.blob,
        part.md5,
        part.checksum ?? null,
        context.clock.now(),
      );
      return before ? [String(before.blob)] : [];
    },
    /** Parts of an upload, or of the content it became, numbered above `after`. */
    parts: (id: string, after: number, limit: number): StoredPart[] =>
      selectParts.all(id, after, limit).map(toPart),
    /**
     * Ends an upload whose parts become a content: `chosen` are laid end to end, the others dropped.
     * Within a transaction.
     */
    finish(id: string, chosen: readonly StoredPart[], all: readonly StoredPart[]): FreedBlobs {
      const numbers = new Set(chosen.map((part) => part.number));
      let start = 0;
      for (const part of chosen) {
        placePart.run(start, id, part.number);
        start += part.size;
      }
      const dropped = all.filter((part) => !numbers.has(part.number));
      for (const part of dropped) removePart.run(id, part.number);
      remove.run(id);
      return dropped.map((part) => part.blob);
    },
    /** Within a transaction. */
    abort(id: string): FreedBlobs {
      remove.run(id);
      return removeParts.all(id).map((row) => String(row.blob));
    },
    page: (options: {
      bucket: string;
      from: string;
      below: string | undefined;
      afterKey: string;
      afterId: string;
      limit: number;
    }): Upload[] => page.all({ ...options, below: options.below ?? null }).map(toUpload),
    initiatedBefore: (
      bucket: string,
      from: string,
      below: string | undefined,
      until: number,
      limit: number,
    ): Upload[] =>
      olderThan.all({ bucket, from, below: below ?? null, until, limit }).map(toUpload),
  };
}

export type UploadStore = ReturnType<typeof createUploadStore>;

function toUpload(row: Record<string, unknown>): Upload {
  const algorithm = checksumAlgorithms.find((name) => name === row.checksum_algorithm);
  return {
    id: String(row.id),
    bucket: String(row.bucket),
    key: String(row.key),
    headers: storedHeaders.parse(JSON.parse(String(row.headers))),
    checksum: algorithm && {
      algorithm,
      type: row.checksum_type === "COMPOSITE" ? "COMPOSITE" : "FULL_OBJECT",
    },
    initiatedAt: Number(row.initiated_at),
  };
}
