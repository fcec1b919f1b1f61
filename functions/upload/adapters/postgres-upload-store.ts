import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../../platform/database/database.ts";
import { uploads, videos } from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { recordEvent } from "../../webhooks/adapters/postgres-outbox.ts";
import type { NewUpload, UploadRecord, UploadStore } from "../ports.ts";

/** Thrown to roll back: the owner used this key before. */
class KeyTaken extends Error {}

/** A video's deletion frees its key, so that the upload found taken may be gone when looked for. */
const maxCreateAttempts = 3;

export const postgresUploadStore = (database: Database): UploadStore => {
  const findByKey = async (owner: string, key: string) => {
    const [row] = await database
      .select()
      .from(uploads)
      .where(and(eq(uploads.owner, owner), eq(uploads.idempotencyKey, key)));
    return row && recordOf(row);
  };

  return {
    async create(upload) {
      for (let attempt = 1; attempt <= maxCreateAttempts; attempt += 1) {
        const earlier = await findByKey(upload.owner, upload.idempotencyKey);
        if (earlier) return earlier;
        try {
          return await insert(database, upload);
        } catch (error) {
          // Found at the next turn.
          if (!(error instanceof KeyTaken)) throw error;
        }
      }
      throw new Error("The upload of this key comes and goes.");
    },

    async find(owner, uploadId) {
      const [row] = await database
        .select()
        .from(uploads)
        .where(and(eq(uploads.uploadId, uploadId), eq(uploads.owner, owner)));
      return row && recordOf(row);
    },

    async attachStorage(uploadId, storageId) {
      await database
        .update(uploads)
        .set({ s3UploadId: storageId })
        .where(
          and(
            eq(uploads.uploadId, uploadId),
            eq(uploads.state, "open"),
            isNull(uploads.s3UploadId),
          ),
        );
      const [row] = await database
        .select({ storageId: uploads.s3UploadId })
        .from(uploads)
        .where(and(eq(uploads.uploadId, uploadId), eq(uploads.state, "open")));
      return row?.storageId ?? undefined;
    },

    async touch(uploadId) {
      await database
        .update(uploads)
        .set({ activeAt: sql`now()` })
        .where(eq(uploads.uploadId, uploadId));
    },

    async intendCompletion(uploadId, completedParts) {
      await database
        .update(uploads)
        .set({ completedParts, activeAt: sql`now()` })
        .where(and(eq(uploads.uploadId, uploadId), eq(uploads.state, "open")));
    },

    async markCompleted(uploadId, completedParts, size) {
      await inTransaction(database, async (transaction) => {
        const [closed] = await transaction
          .update(uploads)
          .set({ state: "completed", completedParts, sizeBytes: size })
          .where(and(eq(uploads.uploadId, uploadId), eq(uploads.state, "open")))
          .returning({ videoId: uploads.videoId });
        if (!closed) return;
        await transaction
          .update(videos)
          .set({ sourceBytes: size })
          .where(eq(videos.videoId, closed.videoId));
        // S3's event may have been quicker: a plan that exists is not undone.
        await transaction
          .update(videos)
          .set({ status: "planning" })
          .where(and(eq(videos.videoId, closed.videoId), eq(videos.status, "uploading")));
        await recordEvent(transaction, "upload.completed", closed.videoId);
      });
    },

    async markAborted(uploadId) {
      await inTransaction(database, async (transaction) => {
        const [ended] = await transaction
          .update(uploads)
          .set({ state: "aborted" })
          .where(and(eq(uploads.uploadId, uploadId), eq(uploads.state, "open")))
          .returning({ videoId: uploads.videoId });
        if (!ended) return;
        await transaction
          .update(videos)
          .set({ status: "deleting" })
          .where(eq(videos.videoId, ended.videoId));
      });
    },
  };
};

const insert = (database: Database, upload: NewUpload): Promise<UploadRecord> =>
  inTransaction(database, async (transaction) => {
    await transaction.insert(videos).values({
      videoId: upload.videoId,
      owner: upload.owner,
      title: upload.title,
      fileName: upload.fileName,
      status: "uploading",
      dispatch: upload.dispatch,
      sourceBytes: upload.size,
      correlationId: upload.correlationId,
    });
    const [row] = await transaction
      .insert(uploads)
      .values({
        uploadId: upload.uploadId,
        videoId: upload.videoId,
        owner: upload.owner,
        sizeBytes: upload.size,
        partBytes: upload.partSize,
        state: "open",
        idempotencyKey: upload.idempotencyKey,
        requestHash: upload.requestHash,
      })
      .onConflictDoNothing({ target: [uploads.owner, uploads.idempotencyKey] })
      .returning();
    if (!row) throw new KeyTaken();
    return recordOf(row);
  });

const recordOf = (row: typeof uploads.$inferSelect): UploadRecord => ({
  uploadId: row.uploadId,
  videoId: row.videoId,
  size: row.sizeBytes ?? undefined,
  partSize: row.partBytes,
  state: row.state,
  storageId: row.s3UploadId ?? undefined,
  requestHash: row.requestHash,
  completedParts: row.completedParts ?? undefined,
  activeAt: row.activeAt,
});
