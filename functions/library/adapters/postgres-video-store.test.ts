import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plans, segments, uploads, videos } from "../../platform/database/schema.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { makePlan } from "../../transcode/domain/plan.ts";
import { segmentCount } from "../../transcode/domain/timeline.ts";
import { describeVideoStore } from "../testing/video-store-contract.ts";
import { postgresVideoStore } from "./postgres-video-store.ts";

let started: TestDatabase;
beforeAll(async () => {
  started = await startDatabase();
});
afterAll(() => started[Symbol.asyncDispose]());

const addVideo = async (owner: string, createdAt: Date) => {
  const { database } = started;
  const videoId = randomUUID();
  await database.insert(videos).values({
    videoId,
    owner,
    title: "Film",
    fileName: "film.mp4",
    status: "uploading",
    sourceBytes: 1,
    correlationId: "correlation-1",
  });
  await database.update(videos).set({ createdAt }).where(eq(videos.videoId, videoId));
  await database.insert(uploads).values({
    uploadId: randomUUID(),
    videoId,
    owner,
    s3UploadId: "storage-1",
    sizeBytes: 1,
    partBytes: 1,
    state: "open",
    idempotencyKey: randomUUID(),
    requestHash: "hash",
  });
  return videoId;
};

describeVideoStore("PostgreSQL", () => ({
  store: postgresVideoStore(started.database),
  addVideo,
}));

describe("what the file of a video says of itself", () => {
  it("is read with the video, and not with a page", async () => {
    // Prepare
    const { database } = started;
    const store = postgresVideoStore(database);
    const videoId = await addVideo("owner-4", new Date(0));
    const metadata = { container: "mov", streams: [], chapters: [], tags: { title: "Film" } };
    await database.update(videos).set({ metadata }).where(eq(videos.videoId, videoId));

    // Act and assess
    expect((await store.find("owner-4", videoId))?.metadata).toEqual(metadata);
    const [listed] = await store.page("owner-4", 10, undefined);
    expect(listed).toMatchObject({ videoId, metadata: undefined });
  });
});

describe("the progress of a video", () => {
  const plan = makePlan({
    bytes: 10_000_000,
    format: "mov,mp4,m4a,3gp,3g2,mj2",
    video: {
      streamIndex: 0,
      codec: "h264",
      width: 1280,
      height: 720,
      rate: { num: 25, den: 1 },
      interlaced: false,
      highDynamicRange: false,
      firstFrameSeconds: 0,
      endSeconds: 60,
      keyframeSeconds: 2,
    },
    audio: { streamIndex: 1, endSeconds: 60 },
  });
  const segmentsTotal = segmentCount(plan.timeline);
  const lowest = plan.renditions.at(-1);

  it("counts the finished segments of each planned rendition and of the sound", async () => {
    // Prepare
    const { database } = started;
    const videoId = await addVideo("owner-3", new Date(0));
    await database
      .update(videos)
      .set({ status: "transcoding", planHash: "hash", frontier: 1 })
      .where(eq(videos.videoId, videoId));
    await database.insert(plans).values({ videoId, planHash: "hash", sourceEtag: "etag", plan });
    const finished = [
      [lowest?.name ?? "", 0],
      [lowest?.name ?? "", 1],
      ["audio", 0],
    ] as const;
    for (const [rendition, number] of finished) {
      await database
        .insert(segments)
        .values({ videoId, rendition, number, taskId: "task", bytes: 1, length: 1, etag: "etag" });
    }

    // Act
    const record = await postgresVideoStore(database).find("owner-3", videoId);

    // Assess
    expect(record?.renditions).toHaveLength(plan.renditions.length + 1);
    expect(record?.renditions[0]).toEqual({
      name: plan.renditions[0]?.name,
      width: 1280,
      height: 720,
      segmentsDone: 0,
      segmentsTotal,
    });
    expect(record?.renditions.slice(-2)).toEqual([
      expect.objectContaining({ name: lowest?.name, segmentsDone: 2, segmentsTotal }),
      { name: "audio", segmentsDone: 1, segmentsTotal },
    ]);
  });
});
