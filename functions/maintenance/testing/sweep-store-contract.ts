import { randomUUID } from "node:crypto";
import type { Dispatch, TaskKind } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import type { VideoStatus } from "../../transcode/ports.ts";
import type { Patience, SweepStore, WaitingStatus } from "../ports.ts";

export interface TaskRow {
  readonly taskId: string;
  readonly kind: TaskKind;
  readonly finished: boolean;
  readonly attempts: number;
  readonly dispatches: number;
  readonly dispatchedAt: Date | undefined;
  readonly seenAt: Date | undefined;
}

export interface UploadRow {
  readonly uploadId: string;
  readonly state: "open" | "completed" | "aborted";
  readonly storageId: string | undefined;
  readonly completedParts: string | undefined;
  readonly activeAt: Date;
}

export interface SweepHarness {
  readonly store: SweepStore;
  add(video: {
    readonly videoId: string;
    readonly status: VideoStatus;
    readonly dispatch?: Dispatch;
    readonly since: Date;
    readonly isCleaned?: boolean;
    readonly upload?: UploadRow;
    readonly tasks?: readonly TaskRow[];
  }): Promise<void>;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const begin = new Date("2026-01-01T00:00:00Z");
const later = (ms: number) => new Date(begin.getTime() + ms);
const patience = (ms: number): Patience => ({ now: later(ms), waitMs: 10 * minute });
const all = 1_000;

/** What every SweepStore promises, whatever it is made of. All tests share what `open` answers. */
export const describeSweepStore = (name: string, open: () => SweepHarness) => {
  describe(`a sweep store of ${name}`, () => {
    /** Adds a video and answers whether it is among those taken. */
    const added = async (video: Omit<Parameters<SweepHarness["add"]>[0], "videoId" | "since">) => {
      const { store, add } = open();
      const videoId = randomUUID();
      await add({ ...video, videoId, since: begin });
      const found = (taken: readonly { readonly videoId: string }[]) =>
        taken.filter((each) => each.videoId === videoId);
      const stuck = async (status: WaitingStatus, ms: number) =>
        found(await store.takeStuck(status, patience(ms), all));
      const silent = async (ms: number) => found(await store.takeSilent(patience(ms), all));
      const idle = async (ms: number) =>
        (await store.takeIdle({ ...patience(ms), staleMs: 7 * day }, all)).filter(
          (upload) => upload.videoId === videoId,
        );
      return { store, videoId, stuck, silent, idle };
    };
    const task = (changes: Partial<TaskRow> = {}): TaskRow => ({
      ...{ taskId: randomUUID(), kind: "transcode", finished: false, attempts: 0, dispatches: 1 },
      dispatchedAt: begin,
      seenAt: undefined,
      ...changes,
    });
    const upload = (changes: Partial<UploadRow> = {}): UploadRow => ({
      ...{ uploadId: randomUUID(), state: "open", storageId: "s1", activeAt: begin },
      completedParts: undefined,
      ...changes,
    });

    it("takes what is stuck when it has waited, and again each time after twice as long", async () => {
      const { stuck } = await added({ status: "packaging" });
      expect(await stuck("packaging", 9 * minute)).toEqual([]);
      expect(await stuck("planning", 11 * minute)).toEqual([]);
      expect(await stuck("packaging", 11 * minute)).toMatchObject([
        { fileName: "film.mp4", correlationId: "correlation", sweeps: 1 },
      ]);
      expect(await stuck("packaging", 30 * minute)).toEqual([]);
      expect(await stuck("packaging", 32 * minute)).toMatchObject([{ sweeps: 2 }]);
      expect(await stuck("packaging", 71 * minute)).toEqual([]);
      expect(await stuck("packaging", 73 * minute)).toMatchObject([{ sweeps: 3 }]);
    });

    it("gives each of two sweepers at once other videos", async () => {
      const { store, add } = open();
      const ids: string[] = Array.from({ length: 6 }, () => randomUUID());
      for (const videoId of ids) await add({ videoId, status: "planning", since: begin });
      const taken = await Promise.all(
        [1, 2].map(() => store.takeStuck("planning", patience(20 * minute), all)),
      );
      const mine = taken.flat().filter(({ videoId }) => ids.includes(videoId));
      expect(mine.map(({ videoId }) => videoId).sort()).toEqual(ids.sort());
    });

    it("takes no more than asked for, and what waited longest first", async () => {
      const { store, add } = open();
      const [newer, older] = [randomUUID(), randomUUID()];
      // Long before all that other tests add.
      await add({ videoId: newer, status: "packaging", since: later(-900 * day) });
      await add({ videoId: older, status: "packaging", since: later(-999 * day) });
      const [first] = await store.takeStuck("packaging", patience(-800 * day), 1);
      const [second] = await store.takeStuck("packaging", patience(-800 * day), 1);
      expect([first?.videoId, second?.videoId]).toEqual([older, newer]);
    });

    it("leaves a failed video alone that is cleaned, and an aborted upload for a week", async () => {
      const [dirty, clean, aborted, deleted] = [
        await added({ status: "failed" }),
        await added({ status: "failed", isCleaned: true }),
        await added({ status: "deleting", upload: upload({ state: "aborted" }) }),
        await added({ status: "deleting", upload: upload() }),
      ];
      expect(await dirty.stuck("failed", day)).toHaveLength(1);
      expect(await clean.stuck("failed", day)).toEqual([]);
      expect(await deleted.stuck("deleting", day)).toHaveLength(1);
      expect(await aborted.stuck("deleting", 6 * day)).toEqual([]);
      expect(await aborted.stuck("deleting", 8 * day)).toHaveLength(1);
    });

    it("finds a video silent by its oldest task, or when none is left to wait for", async () => {
      const lively = () => task({ seenAt: later(18 * minute) });
      const [quiet, mixed, moving, finished, unsent, another] = [
        await added({ status: "transcoding", dispatch: "push", tasks: [task()] }),
        await added({ status: "transcoding", tasks: [lively(), task()] }),
        await added({ status: "transcoding", tasks: [lively()] }),
        await added({ status: "transcoding", tasks: [task({ finished: true })] }),
        await added({ status: "transcoding", tasks: [task({ dispatchedAt: undefined })] }),
        await added({ status: "ready", tasks: [task()] }),
      ];
      const taken = await quiet.store.takeSilent(patience(20 * minute), all);
      const ids = taken.map(({ videoId }) => videoId);
      for (const { videoId } of [quiet, mixed, finished, unsent]) expect(ids).toContain(videoId);
      for (const { videoId } of [moving, another]) expect(ids).not.toContain(videoId);
      expect(taken.find(({ videoId }) => videoId === quiet.videoId)).toEqual({
        ...{ videoId: quiet.videoId, dispatch: "push", since: begin },
      });
      expect(await quiet.silent(25 * minute)).toEqual([]);
      expect(await quiet.silent(31 * minute)).toHaveLength(1);
    });

    it("tells the signs of life of unfinished tasks, and the last one of all", async () => {
      const waiting = task({ kind: "audio", attempts: 2, dispatches: 3, seenAt: later(minute) });
      const done = task({ finished: true, seenAt: later(2 * minute) });
      const { store, videoId } = await added({ status: "transcoding", tasks: [waiting, done] });
      const signs = await store.signsOf({ videoId, dispatch: "pull", since: begin });
      const { kind, finished: _, ...rest } = waiting;
      expect(signs).toEqual({
        ...{ videoId, dispatch: "pull", since: begin, lastSign: later(2 * minute) },
        unfinished: [{ ...rest, spec: { kind } }],
      });
    });

    it("takes an upload that is stale, or whose completion was cut off, and no other", async () => {
      const [idle, intended, done] = [
        await added({ status: "uploading", upload: upload() }),
        await added({ status: "uploading", upload: upload({ completedParts: "parts" }) }),
        await added({ status: "planning", upload: upload({ state: "completed" }) }),
      ];
      expect(await idle.idle(6 * day)).toEqual([]);
      expect(await idle.idle(8 * day)).toMatchObject([
        { storageId: "s1", completedParts: undefined, activeAt: begin },
      ]);
      expect(await intended.idle(9 * minute)).toEqual([]);
      expect(await intended.idle(10 * day)).toMatchObject([{ completedParts: "parts" }]);
      expect(await done.idle(20 * day)).toEqual([]);
    });
  });
};
