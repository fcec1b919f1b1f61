import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tasks, uploads, videos } from "../../platform/database/schema.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { describeSweepStore, type SweepHarness } from "../testing/sweep-store-contract.ts";
import { postgresSweepStore } from "./postgres-sweep-store.ts";

let started: TestDatabase;
beforeAll(async () => {
  started = await startDatabase();
});
afterAll(() => started[Symbol.asyncDispose]());

const add: SweepHarness["add"] = async ({ videoId, status, since, upload, ...video }) => {
  const { database } = started;
  await database.insert(videos).values({
    ...{ videoId, status, owner: "owner", title: "Film", fileName: "film.mp4" },
    ...{ sourceBytes: 1, correlationId: "correlation", dispatch: video.dispatch ?? "pull" },
    statusSince: since,
    ...(video.isCleaned && { cleanedAt: since }),
  });
  if (upload) {
    const { uploadId, state, activeAt, storageId, completedParts } = upload;
    await database.insert(uploads).values({
      ...{ uploadId, videoId, state, activeAt, owner: "owner", sizeBytes: 1, partBytes: 1 },
      ...{ s3UploadId: storageId, completedParts, idempotencyKey: uploadId, requestHash: "hash" },
    });
  }
  for (const { taskId, kind, finished, attempts, dispatches, ...moments } of video.tasks ?? [])
    await database.insert(tasks).values({
      ...{ taskId, videoId, kind, attempts, dispatches, ticket: randomUUID(), spec: { kind } },
      ...(finished && { finishedAt: since }),
      ...(moments.dispatchedAt && { dispatchedAt: moments.dispatchedAt }),
      ...(moments.seenAt && { seenAt: moments.seenAt }),
    });
};

describeSweepStore("PostgreSQL", () => ({ store: postgresSweepStore(started.database), add }));

describe("a change of status", () => {
  it("begins the wait anew, and forgets the sweeps", async () => {
    // Prepare
    const { database } = started;
    const videoId = randomUUID();
    const old = new Date("2020-01-01T00:00:00Z");
    await add({ videoId, status: "packaging", since: old });
    const { now, waitMs } = { now: new Date("2020-02-01T00:00:00Z"), waitMs: 1 };
    const ids = async (at: Date) =>
      (await postgresSweepStore(database).takeStuck("packaging", { now: at, waitMs }, 1_000)).map(
        (video) => video.videoId,
      );
    expect(await ids(now)).toContain(videoId);

    // Act
    const of = sql`${videos.videoId} = ${videoId}::uuid`;
    await database.update(videos).set({ status: "transcoding" }).where(of);
    await database.update(videos).set({ status: "packaging" }).where(of);

    // Assess
    const [row] = await database.select().from(videos).where(of);
    expect(row).toMatchObject({ sweeps: 0, sweptAt: null });
    expect(row?.statusSince.getTime()).toBeGreaterThan(now.getTime());
    expect(await ids(now)).not.toContain(videoId);
  });
});
