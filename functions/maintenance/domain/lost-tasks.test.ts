import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TaskSigns, VideoSigns } from "../ports.ts";
import { judgeTasks } from "./lost-tasks.ts";
import { taskPatience } from "./patience.ts";

const minute = 60_000;
const since = new Date("2026-01-01T00:00:00Z");
const after = (minutes: number) => new Date(since.getTime() + minutes * minute);

const task = (changes: Partial<TaskSigns> = {}): TaskSigns => ({
  ...{ taskId: "task", spec: { kind: "transcode" }, attempts: 0, dispatches: 1 },
  ...{ dispatchedAt: since, seenAt: undefined },
  ...changes,
});
const video = (changes: Partial<VideoSigns> = {}): VideoSigns => ({
  ...{ videoId: "video", dispatch: "pull", since, lastSign: since, unfinished: [] },
  ...changes,
});
const lostAt = (minutes: number, signs: VideoSigns) => judgeTasks(signs, after(minutes)).lost;

describe("a task that no worker has begun", () => {
  it.each([
    ["pull", 59, 61],
    ["push", 374, 376],
  ] as const)(
    "is lost by %s when nothing of its video moved in %i to %i min",
    (dispatch, early, late) => {
      const signs = video({ dispatch, unfinished: [task()] });
      expect(lostAt(early, signs)).toEqual([]);
      expect(lostAt(late, signs)).toEqual(["task"]);
    },
  );

  it("waits behind others for as long as they move", () => {
    const signs = video({ unfinished: [task()], lastSign: after(500) });
    expect(lostAt(559, signs)).toEqual([]);
    expect(lostAt(561, signs)).toEqual(["task"]);
  });

  it("is lost soon when it is with nobody, however busy the others", () => {
    const unsent = task({ dispatchedAt: undefined });
    expect(lostAt(4, video({ unfinished: [unsent], lastSign: after(4) }))).toEqual([]);
    expect(lostAt(6, video({ unfinished: [unsent], lastSign: after(6) }))).toEqual(["task"]);
  });
});

describe("a task that a worker began", () => {
  it.each([
    ["pull", 74, 76],
    ["push", 29, 31],
  ] as const)(
    "is lost by %s after a silence of %i to %i min, whatever the others do",
    (dispatch, early, late) => {
      const begun = task({ attempts: 1, seenAt: since });
      const signs = video({ dispatch, unfinished: [begun], lastSign: after(900) });
      expect(lostAt(early, signs)).toEqual([]);
      expect(lostAt(late, signs)).toEqual(["task"]);
    },
  );

  it("is given up when it was sent and tried often enough", () => {
    const tried = task({ dispatches: 3, attempts: 9, seenAt: since });
    const verdict = judgeTasks(video({ unfinished: [tried] }), after(76));
    expect(verdict).toMatchObject({ lost: [], hopeless: ["task"] });
    for (const fewer of [{ dispatches: 2 }, { attempts: 8 }])
      expect(lostAt(76, video({ unfinished: [{ ...tried, ...fewer }] }))).toEqual(["task"]);
  });

  it("is not given up while it shows signs of life, however often it was tried", () => {
    const tried = task({ dispatches: 9, attempts: 99, seenAt: after(70) });
    const verdict = judgeTasks(video({ unfinished: [tried] }), after(76));
    expect(verdict).toMatchObject({ lost: [], hopeless: [] });
  });
});

describe("a video", () => {
  it("does not wait for a storyboard that cannot be drawn yet", () => {
    const storyboard = task({
      ...{ taskId: "storyboard", spec: { kind: "thumbnail" } },
      dispatchedAt: undefined,
      dispatches: 0,
    });
    expect(lostAt(900, video({ unfinished: [task(), storyboard] }))).toEqual(["task"]);
    expect(lostAt(900, video({ unfinished: [storyboard] }))).toEqual(["storyboard"]);
  });

  it("is unsettled when all its tasks have long been finished", () => {
    expect(judgeTasks(video({ lastSign: after(10) }), after(84)).isUnsettled).toBe(false);
    expect(judgeTasks(video({ lastSign: after(10) }), after(86)).isUnsettled).toBe(true);
  });

  it("loses nothing that was heard of within the shortest patience", () => {
    const shortest = taskPatience.push.silentMs;
    const moment = fc.integer({ min: 0, max: shortest }).map((ms) => new Date(-ms));
    fc.assert(
      fc.property(
        moment,
        moment,
        fc.nat(99),
        fc.nat(99),
        (dispatchedAt, seenAt, attempts, dispatches) => {
          const signs = video({
            since: new Date(-1e9),
            lastSign: dispatchedAt,
            unfinished: [task({ dispatchedAt, seenAt, attempts, dispatches })],
          });
          for (const dispatch of ["pull", "push"] as const)
            expect(judgeTasks({ ...signs, dispatch }, new Date(0))).toMatchObject({
              ...{ lost: [], hopeless: [] },
            });
        },
      ),
    );
  });
});
