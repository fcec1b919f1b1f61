import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { videos } from "../../platform/database/schema.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { listenTo, toldOf } from "../../webhooks/testing/listening.ts";
import { describeUploadStore, newUpload } from "../testing/upload-store-contract.ts";
import { postgresUploadStore } from "./postgres-upload-store.ts";

let started: TestDatabase;
beforeAll(async () => {
  started = await startDatabase();
});
afterAll(() => started[Symbol.asyncDispose]());

describeUploadStore("PostgreSQL", () => postgresUploadStore(started.database));

describe("the video of an upload", () => {
  const statusOf = async (videoId: string) => {
    const rows = await started.database.select().from(videos).where(eq(videos.videoId, videoId));
    return rows[0]?.status;
  };

  it("waits for its plan once the upload is complete", async () => {
    const store = postgresUploadStore(started.database);
    const { uploadId, videoId } = await store.create(newUpload());
    expect(await statusOf(videoId)).toBe("uploading");
    await store.markCompleted(uploadId, "parts", 1);
    expect(await statusOf(videoId)).toBe("planning");
  });

  it("stays where a quicker S3 event has brought it", async () => {
    // Prepare
    const store = postgresUploadStore(started.database);
    const { uploadId, videoId } = await store.create(newUpload());
    await started.database
      .update(videos)
      .set({ status: "transcoding" })
      .where(eq(videos.videoId, videoId));

    // Act
    await store.markCompleted(uploadId, "parts", 1);

    // Assess
    expect(await statusOf(videoId)).toBe("transcoding");
  });

  it("is told of once when the upload is complete", async () => {
    // Prepare
    const store = postgresUploadStore(started.database);
    const upload = newUpload({ owner: "listened-to" });
    await listenTo(started.database, upload.owner);
    await store.create(upload);

    // Act
    await Promise.all([1, 2, 3].map(() => store.markCompleted(upload.uploadId, "parts", 1)));

    // Assess
    expect(await toldOf(started.database, upload.videoId)).toEqual(["upload.completed"]);
  });

  it("is hidden with an upload that is given up", async () => {
    const store = postgresUploadStore(started.database);
    const { uploadId, videoId } = await store.create(newUpload());
    await store.markAborted(uploadId);
    expect(await statusOf(videoId)).toBe("deleting");
  });
});
