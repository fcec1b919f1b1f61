import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makePlan, planHashOf } from "../domain/plan.ts";
import { tasksOf } from "../domain/tasks.ts";
import type { PipelineStore, StoredPlan, VideoStatus } from "../ports.ts";
import { sourceFacts } from "./source-facts.ts";

export interface StoreUnderTest {
  readonly store: PipelineStore;
  readonly addVideo: (videoId: string, status: VideoStatus) => Promise<void>;
  readonly removeVideo: (videoId: string) => Promise<void>;
  /** Types of the events that were recorded for those who listen. */
  readonly told: (videoId: string) => Promise<readonly string[]>;
  /** What the library shows of a video. */
  readonly shown: (videoId: string) => Promise<ShownExtent>;
  /** What is kept of a video beside its segments. */
  readonly extras: (videoId: string) => Promise<{
    readonly poster: boolean;
    readonly storyboard: boolean;
    readonly metadata?: unknown;
  }>;
}

export interface ShownExtent {
  readonly durationMs: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

const plan = makePlan(sourceFacts());
const stored: StoredPlan = { plan, planHash: planHashOf(plan), sourceEtag: "etag" };
const segment = (track: string, number: number, bytes = 1_000, frames = 150) => ({
  ...{ track, number, bytes, frames },
  etag: "0".repeat(32),
});

/** What every PipelineStore promises, whatever it is made of. */
export const describePipelineStore = (name: string, open: () => StoreUnderTest) => {
  describe(`a pipeline store of ${name}`, () => {
    const planned = async () => {
      const { store, addVideo, removeVideo, extras } = open();
      const videoId = randomUUID();
      await addVideo(videoId, "planning");
      await store.savePlan(videoId, stored, tasksOf(plan, videoId));
      const chunk = `${videoId}:transcode:00000`;
      const nothing = {
        ...{ videoId, segments: [], inits: [] },
        ...{ poster: false, storyboard: false, finished: false },
      };
      return { store, videoId, chunk, nothing, extras, removeVideo: () => removeVideo(videoId) };
    };

    it("keeps the first plan and its tickets, however often it is saved", async () => {
      // Prepare
      const { store, videoId } = await planned();
      const before = await store.unfinishedTasks(videoId);

      // Act
      const again = await store.savePlan(
        videoId,
        { ...stored, sourceEtag: "another" },
        tasksOf(plan, videoId),
      );

      // Assess
      expect(again).toEqual(stored);
      expect(await store.unfinishedTasks(videoId)).toEqual(before);
      expect(before.map(({ taskId }) => taskId)).toEqual(
        tasksOf(plan, videoId).map(({ taskId }) => taskId),
      );
      expect((await store.findVideo(videoId))?.status).toBe("transcoding");
    });

    it("shows length and size once they are planned, and the length that came at the end", async () => {
      // Prepare
      const { store, addVideo, shown } = open();
      const videoId = randomUUID();
      await addVideo(videoId, "planning");

      // Act
      await store.savePlan(videoId, stored, tasksOf(plan, videoId));
      const planned = await shown(videoId);
      await store.beginPackaging(videoId);
      await store.becomeReady(videoId, 59_000, 12);

      // Assess
      expect(planned).toEqual({ durationMs: 60_000, width: 1_280, height: 720 });
      expect(await shown(videoId)).toEqual({ ...planned, durationMs: 59_000 });
    });

    it("finds a task with its plan and its video", async () => {
      const { store, videoId, chunk } = await planned();
      expect(await store.findTask(chunk)).toMatchObject({
        task: { taskId: chunk, spec: { kind: "transcode", chunk: 0 }, finished: false },
        video: { videoId, status: "transcoding", frontier: 0 },
        stored,
      });
      expect(await store.findTask("no such task")).toBeUndefined();
    });

    it("counts the attempts at a task", async () => {
      const { store, chunk } = await planned();
      await store.noteDispatch([chunk]);
      for (let attempt = 0; attempt < 2; attempt += 1) await store.countAttempt(chunk);
      await store.forgetDispatch([chunk]);
      expect((await store.findTask(chunk))?.task).toMatchObject({ attempts: 2, finished: false });
    });

    it("records the same twice as once", async () => {
      // Prepare
      const { store, videoId, chunk, nothing } = await planned();
      const achievement = {
        ...nothing,
        taskId: chunk,
        segments: [segment("720p", 0, 1_000, 50), segment("720p", 1, 1_000, 50)],
        inits: [{ track: "720p", bytes: 700, sha256: "a".repeat(64) }],
        finished: true,
      };

      // Act
      const outcomes = [await store.record(achievement), await store.record(achievement)];

      // Assess
      expect(outcomes).toEqual(["recorded", "recorded"]);
      expect(await store.recordedSegments(videoId, 0, 9)).toEqual(new Set(["720p/0", "720p/1"]));
      expect(await store.recordedSegments(videoId, 1, 2)).toEqual(new Set(["720p/1"]));
      expect(await store.recordedInits(videoId)).toEqual(achievement.inits);
      expect(await store.recordedSizes(videoId, "720p")).toEqual(
        new Map([
          [0, 1_000],
          [1, 1_000],
        ]),
      );
      expect(await store.progress(videoId, plan)).toMatchObject({
        finishedChunks: [{ chunk: 0, frames: 100 }],
        unfinished: new Set(["transcode", "audio", "thumbnail", "metadata"]),
      });
    });

    it("tells the kinds of tasks that are still to do, until there are none", async () => {
      // Prepare
      const { store, videoId, nothing } = await planned();
      const finish = async (kinds: readonly string[]) => {
        for (const { taskId, spec } of tasksOf(plan, videoId))
          if (kinds.includes(spec.kind)) await store.record({ ...nothing, taskId, finished: true });
        return (await store.progress(videoId, plan)).unfinished;
      };

      // Act and assess
      expect(await finish(["transcode", "metadata"])).toEqual(new Set(["audio", "thumbnail"]));
      expect(await finish(["audio", "thumbnail"])).toEqual(new Set());
    });

    it("keeps the storyboard's and the poster's presence, and what the file says", async () => {
      // Prepare
      const { store, videoId, chunk, nothing, extras } = await planned();
      const metadata = { container: "mov", streams: [], chapters: [], tags: { title: "Film" } };
      expect(await extras(videoId)).toEqual({ poster: false, storyboard: false });

      // Act
      await store.record({ ...nothing, taskId: chunk, poster: true });
      await store.record({ ...nothing, taskId: `${videoId}:metadata`, metadata });
      await store.record({ ...nothing, taskId: `${videoId}:thumbnail`, storyboard: true });

      // Assess
      expect(await extras(videoId)).toEqual({ poster: true, storyboard: true, metadata });
    });

    it("changes nothing when an init segment differs from the one recorded", async () => {
      // Prepare
      const { store, videoId, chunk, nothing } = await planned();
      const init = { track: "720p", bytes: 700, sha256: "a".repeat(64) };
      await store.record({ ...nothing, taskId: chunk, inits: [init] });

      // Act
      const outcome = await store.record({
        ...nothing,
        taskId: `${videoId}:transcode:00001`,
        inits: [{ ...init, sha256: "b".repeat(64) }],
        segments: [segment("720p", 3)],
      });

      // Assess
      expect(outcome).toBe("differs");
      expect(await store.recordedSegments(videoId, 0, 9)).toEqual(new Set());
    });

    it("shows runs of segments, with their gaps", async () => {
      const { store, videoId, chunk, nothing } = await planned();
      const segments = [0, 1, 2, 5, 6].map((number) => segment("720p", number));
      await store.record({
        ...nothing,
        taskId: chunk,
        segments: [...segments, segment("audio", 3)],
      });
      const { runs } = await store.progress(videoId, plan);
      const covered = (track: string) =>
        (runs.get(track) ?? []).flatMap(({ first, end }) =>
          Array.from({ length: end - first }, (_, index) => first + index),
        );
      expect(covered("720p").sort()).toEqual([0, 1, 2, 5, 6]);
      expect(covered("audio")).toEqual([3]);
      expect(covered("480p")).toEqual([]);
    });

    it("measures bits a second, where short segments have no say in the peak", async () => {
      const { store, videoId, chunk, nothing } = await planned();
      const segments = [
        segment("720p", 3, 600_000, 150),
        segment("720p", 4, 300_000, 150),
        segment("720p", 5, 100_000, 1),
      ];
      await store.record({ ...nothing, taskId: chunk, segments });
      const measured = (await store.bandwidths(videoId, plan, 50)).get("720p");
      expect(measured?.average).toBeCloseTo((1_000_000 * 8) / (301 / 25), 0);
      expect(measured?.peak).toBeCloseTo((600_000 * 8) / 6, 0);
    });

    it("never moves the frontier backwards", async () => {
      const { store, videoId } = await planned();
      await store.advance(videoId, 5, 18_000);
      await store.advance(videoId, 3, 6_000);
      expect((await store.findVideo(videoId))?.frontier).toBe(5);
    });

    it("goes from transcoding to packaging to ready, once", async () => {
      const { store, videoId } = await planned();
      await store.becomeReady(videoId, 60_000, 12);
      expect((await store.findVideo(videoId))?.status).toBe("transcoding");
      expect(await store.beginPackaging(videoId)).toBe("packaging");
      expect(await store.beginPackaging(videoId)).toBe("packaging");
      await store.becomeReady(videoId, 60_000, 12);
      expect(await store.findVideo(videoId)).toMatchObject({ status: "ready", frontier: 12 });
      expect(await store.beginPackaging(videoId)).toBe("ready");
      expect(await store.fail(videoId, { code: "gave-up", message: "No." })).toBe(false);
    });

    it("tells others once that a video is ready, or that it failed", async () => {
      // Prepare
      const { store, told, addVideo } = open();
      const failure = { code: "gave-up", message: "No." } as const;
      const [ready, failed] = [randomUUID(), randomUUID()];
      await addVideo(ready, "transcoding");
      await addVideo(failed, "planning");

      // Act
      await store.becomeReady(ready, 60_000, 12);
      const early = await told(ready);
      await store.beginPackaging(ready);
      await Promise.all([1, 2, 3].map(() => store.becomeReady(ready, 60_000, 12)));
      await store.fail(ready, failure);
      await Promise.all([1, 2, 3].map(() => store.fail(failed, failure)));

      // Assess
      expect(early).toEqual([]);
      expect(await told(ready)).toEqual(["video.ready"]);
      expect(await told(failed)).toEqual(["video.failed"]);
    });

    it("records nothing for a video that failed", async () => {
      const { store, videoId, chunk, nothing } = await planned();
      expect(await store.fail(videoId, { code: "gave-up", message: "No." })).toBe(true);
      expect(await store.fail(videoId, { code: "gave-up", message: "No." })).toBe(false);
      const outcome = await store.record({ ...nothing, taskId: chunk, finished: true });
      expect(outcome).toBe("gone");
      expect((await store.findTask(chunk))?.task.finished).toBe(false);
    });

    it("knows nothing of a video that was deleted", async () => {
      const { store, videoId, chunk, nothing, removeVideo } = await planned();
      await removeVideo();
      expect(await store.record({ ...nothing, taskId: chunk })).toBe("gone");
      expect(await store.findTask(chunk)).toBeUndefined();
      expect(await store.findVideo(videoId)).toBeUndefined();
    });
  });
};
