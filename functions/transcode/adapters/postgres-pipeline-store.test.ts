import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll } from "vitest";
import { uploads, videos } from "../../platform/database/schema.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { listenTo, toldOf } from "../../webhooks/testing/listening.ts";
import { describePipelineStore } from "../testing/pipeline-store-contract.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";

let started: TestDatabase;
beforeAll(async () => {
  started = await startDatabase();
  await listenTo(started.database, "owner");
});
afterAll(() => started[Symbol.asyncDispose]());

describePipelineStore("PostgreSQL", () => ({
  store: postgresPipelineStore(started.database),
  addVideo: async (videoId, status) => {
    await started.database.insert(videos).values({
      ...{ videoId, status, owner: "owner", title: "Film", fileName: "film.mp4" },
      ...{ sourceBytes: 1_000, correlationId: "correlation" },
    });
    await started.database.insert(uploads).values({
      ...{ uploadId: randomUUID(), videoId, owner: "owner", state: "completed" },
      ...{ sizeBytes: 1_000, partBytes: 1_000, idempotencyKey: videoId, requestHash: "hash" },
    });
  },
  told: (videoId) => toldOf(started.database, videoId),
  removeVideo: async (videoId) => {
    await started.database.delete(videos).where(eq(videos.videoId, videoId));
  },
  extras: async (videoId) => {
    const [row] = await started.database.select().from(videos).where(eq(videos.videoId, videoId));
    return {
      poster: row?.hasPoster ?? false,
      storyboard: row?.hasStoryboard ?? false,
      ...(row?.metadata ? { metadata: row.metadata } : {}),
    };
  },
  shown: async (videoId) => {
    const [row] = await started.database.select().from(videos).where(eq(videos.videoId, videoId));
    return {
      durationMs: row?.durationMs ?? undefined,
      width: row?.width ?? undefined,
      height: row?.height ?? undefined,
    };
  },
}));
