import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { CloudContext } from "../../context.ts";
import { type Checksum, checksumAlgorithms } from "../checksums/algorithms.ts";

export const storedHeaders = z.record(z.string(), z.string());
/** Headers kept with an object and given back with it: Content-Type, x-amz-meta-… */
export type StoredHeaders = z.infer<typeof storedHeaders>;

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly contentId: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Only of an object that came in parts. */
  readonly partCount: number | undefined;
  readonly checksum: Checksum | undefined;
  readonly headers: StoredHeaders;
  readonly modifiedAt: number;
}

export interface StoredPart {
  readonly number: number;
  /** Where the part begins in its object; 0 while the upload is under way. */
  readonly start: number;
  readonly size: number;
  readonly blob: string;
  /** In hex: the part's ETag. */
  readonly md5: string;
  /** Base64, of the upload's algorithm. */
  readonly checksum: string | undefined;
  readonly modifiedAt: number;
}

export interface NewContent {
  readonly etag: string;
  readonly size: number;
  readonly blob: string;
  readonly checksum: Checksum | undefined;
}

/** Blobs that no row names any more: to be removed once the transaction has been committed. */
export type FreedBlobs = readonly string[];

export function createObjectStore(context: CloudContext) {
  const { database } = context;
  const select = database.prepare(`
    SELECT * FROM s3_objects JOIN s3_contents ON s3_contents.id = content_id
    WHERE bucket = ? AND key = ?`);
  const upsert = database.prepare(`
    INSERT INTO s3_objects (bucket, key, content_id, headers, modified_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (bucket, key) DO UPDATE SET
      content_id = excluded.content_id, headers = excluded.headers, modified_at = excluded.modified_at`);
  const remove = database.prepare("DELETE FROM s3_objects WHERE bucket = ? AND key = ?");
  const insertContent = database.prepare(`
    INSERT INTO s3_contents (id, size, etag, part_count, checksum_algorithm, checksum_type, checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertPart = database.prepare(`
    INSERT INTO s3_parts (content_id, number, start, size, blob, md5, modified_at)
    VALUES (?, 1, 0, ?, ?, ?, ?)`);
  const deleteUnusedContent = database.prepare(`
    DELETE FROM s3_contents WHERE id = :id
      AND NOT EXISTS (SELECT 1 FROM s3_objects WHERE content_id = :id)`);
  const deleteParts = database.prepare("DELETE FROM s3_parts WHERE content_id = ? RETURNING blob");
  const overlapping = database.prepare(`
    SELECT * FROM s3_parts WHERE content_id = :id AND start <= :end
      AND start >= (SELECT max(start) FROM s3_parts WHERE content_id = :id AND start <= :first)
    ORDER BY start`);
  const nthPart = database.prepare(
    "SELECT * FROM s3_parts WHERE content_id = ? ORDER BY number LIMIT 1 OFFSET ?",
  );
  const page = database.prepare(`
    SELECT * FROM s3_objects JOIN s3_contents ON s3_contents.id = content_id
    WHERE bucket = :bucket AND key >= :from AND (:below IS NULL OR key < :below)
    ORDER BY key LIMIT :limit`);
  const olderThan = database.prepare(`
    SELECT key FROM s3_objects
    WHERE bucket = :bucket AND key >= :from AND (:below IS NULL OR key < :below) AND modified_at <= :until
    ORDER BY key LIMIT :limit`);
  const knowsBlob = database.prepare("SELECT 1 FROM s3_parts WHERE blob = ?");

  const find = (bucket: string, key: string): StoredObject | undefined => {
    const row = select.get(bucket, key);
    return row && toObject(row);
  };

  /** Drops a content that no object names. */
  const release = (contentId: string): FreedBlobs =>
    deleteUnusedContent.run({ id: contentId }).changes === 0
      ? []
      : deleteParts.all(contentId).map((row) => String(row.blob));

  /** Lets a key name a content, in place of what it named before. Within a transaction. */
  const point = (
    bucket: string,
    key: string,
    contentId: string,
    headers: StoredHeaders,
  ): FreedBlobs => {
    const before = find(bucket, key);
    upsert.run(bucket, key, contentId, JSON.stringify(headers), context.clock.now());
    return before && before.contentId !== contentId ? release(before.contentId) : [];
  };

  return {
    find,
    point,
    /** Records a content of one blob. Within a transaction. */
    addContent(content: NewContent): string {
      const id = randomUUID();
      const { etag, size, blob, checksum } = content;
      insertContent.run(
        id,
        size,
        etag,
        null,
        checksum?.algorithm ?? null,
        checksum?.type ?? null,
        checksum?.value ?? null,
      );
      insertPart.run(id, size, blob, etag, context.clock.now());
      return id;
    },
    /** Records a content whose parts stand already under `id`. Within a transaction. */
    addPartedContent(id: string, content: Omit<NewContent, "blob">, partCount: number): void {
      const { etag, size, checksum } = content;
      insertContent.run(
        id,
        size,
        etag,
        partCount,
        checksum?.algorithm ?? null,
        checksum?.type ?? null,
        checksum?.value ?? null,
      );
    },
    /** Within a transaction. */
    remove(bucket: string, key: string): { removed: boolean; freed: FreedBlobs } {
      const before = find(bucket, key);
      if (!before) return { removed: false, freed: [] };
      remove.run(bucket, key);
      return { removed: true, freed: release(before.contentId) };
    },
    /** The parts that hold bytes `first` to `last`, in order. */
    partsWithin: (contentId: string, first: number, last: number): StoredPart[] =>
      overlapping.all({ id: contentId, first, end: last }).map(toPart),
    /** The part at a place, counted from 1. */
    partAt(contentId: string, place: number): StoredPart | undefined {
      const row = nthPart.get(contentId, place - 1);
      return row && toPart(row);
    },
    /** Objects in order of their keys, from `from` on and, if given, below `below`. */
    page: (
      bucket: string,
      from: string,
      below: string | undefined,
      limit: number,
    ): StoredObject[] => page.all({ bucket, from, below: below ?? null, limit }).map(toObject),
    /** Keys last written at `until` or before. */
    keysOlderThan: (
      bucket: string,
      from: string,
      below: string | undefined,
      until: number,
      limit: number,
    ): string[] =>
      olderThan
        .all({ bucket, from, below: below ?? null, until, limit })
        .map((row) => String(row.key)),
    knowsBlob: (blob: string): boolean => knowsBlob.get(blob) !== undefined,
  };
}

export type ObjectStore = ReturnType<typeof createObjectStore>;

function toObject(row: Record<string, unknown>): StoredObject {
  return {
    bucket: String(row.bucket),
    key: String(row.key),
    contentId: String(row.content_id),
    size: Number(row.size),
    etag: String(row.etag),
    partCount: row.part_count === null ? undefined : Number(row.part_count),
    checksum: toChecksum(row),
    headers: storedHeaders.parse(JSON.parse(String(row.headers))),
    modifiedAt: Number(row.modified_at),
  };
}

function toChecksum(row: Record<string, unknown>): Checksum | undefined {
  const algorithm = checksumAlgorithms.find((name) => name === row.checksum_algorithm);
  if (!algorithm || typeof row.checksum !== "string") return undefined;
  const type = row.checksum_type === "COMPOSITE" ? "COMPOSITE" : "FULL_OBJECT";
  return { algorithm, type, value: row.checksum };
}

export function toPart(row: Record<string, unknown>): StoredPart {
  return {
    number: Number(row.number),
    start: Number(row.start),
    size: Number(row.size),
    blob: String(row.blob),
    md5: String(row.md5),
    checksum: typeof row.checksum === "string" ? row.checksum : undefined,
    modifiedAt: Number(row.modified_at),
  };
}
