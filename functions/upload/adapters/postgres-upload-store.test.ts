import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations } from "../../platform/database/migrations/index.ts";
import { migrate } from "../../platform/database/migrator.ts";
import { videos } from "../../platform/database/schema.ts";
import { startPostgres, type TestDatabase } from "../../platform/testing/postgres.ts";
import { describeUploadStore, newUpload } from "../testing/upload-store-contract.ts";
import { postgresUploadStore } from "./postgres-upload-store.ts";

let postgres: TestDatabase;
beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.database, migrations);
});
afterAll(() => postgres[Symbol.asyncDispose]());

describeUploadStore("PostgreSQL", () => postgresUploadStore(postgres.database));

describe("the video of an upload", () => {
  const statusOf = async (videoId: string) => {
    const rows = await postgres.database.select().from(videos).where(eq(videos.videoId, videoId));
    return rows[0]?.status;
  };

  it("waits for its plan once the upload is complete", async () => {
    const store = postgresUploadStore(postgres.database);
    const { uploadId, videoId } = await store.create(newUpload());
    expect(await statusOf(videoId)).toBe("uploading");
    await store.markCompleted(uploadId, "parts");
    expect(await statusOf(videoId)).toBe("planning");
  });

  it("stays where a quicker S3 event has brought it", async () => {
    // Prepare
    const store = postgresUploadStore(postgres.database);
    const { uploadId, videoId } = await store.create(newUpload());
    await postgres.database
      .update(videos)
      .set({ status: "transcoding" })
      .where(eq(videos.videoId, videoId));

    // Act
    await store.markCompleted(uploadId, "parts");

    // Assess
    expect(await statusOf(videoId)).toBe("transcoding");
  });

  it("goes with an upload that is given up", async () => {
    const store = postgresUploadStore(postgres.database);
    const { uploadId, videoId } = await store.create(newUpload());
    await store.removeOpen(uploadId);
    expect(await statusOf(videoId)).toBeUndefined();
  });
});
