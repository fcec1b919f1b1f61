import type { Video } from "@sluice/contracts";
import { expect, test } from "vitest";
import { appendOlder, mergeNewest, nextPollMs, pollDelays, workOf } from "./video-list.ts";

function video(minute: number, status: Video["status"] = "ready"): Video {
  return {
    videoId: `00000000-0000-4000-8000-${String(minute).padStart(12, "0")}`,
    title: `Video ${minute}`,
    fileName: "a.mp4",
    status,
    dispatch: "pull",
    size: 1,
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
    playable: status === "ready",
    playableMs: 0,
    renditions: [],
  };
}

const minutes = (videos: readonly Video[]) => videos.map(({ title }) => Number(title.slice(6)));

test("a page that is the whole library replaces what was known", () => {
  expect(minutes(mergeNewest([video(3), video(2), video(1)], [video(4), video(2)], false))).toEqual(
    [4, 2],
  );
});

test("what was deleted within the page goes, what is older stays", () => {
  const known = [video(5), video(4), video(3), video(2), video(1)];
  expect(minutes(mergeNewest(known, [video(6), video(5), video(3)], true))).toEqual([
    6, 5, 3, 2, 1,
  ]);
});

test("older videos are appended once", () => {
  expect(minutes(appendOlder([video(3), video(2)], [video(2), video(1)]))).toEqual([3, 2, 1]);
});

test("the list is read each second while something is in work, rarely otherwise", () => {
  expect(nextPollMs([video(1)], false, 0)).toBe(pollDelays.idleMs);
  expect(nextPollMs([video(1, "transcoding")], false, 0)).toBe(pollDelays.busyMs);
  expect(nextPollMs([], true, 0)).toBe(pollDelays.busyMs);
  expect(nextPollMs([video(1, "failed"), video(2, "uploading")], false, 0)).toBe(pollDelays.idleMs);
});

test("errors make it slower, up to a bound", () => {
  const waits = [1, 2, 3, 20].map((failures) => nextPollMs([video(1, "planning")], true, failures));
  expect(waits).toEqual([2_000, 4_000, 8_000, pollDelays.maxErrorMs]);
});

test("work is counted over all renditions", () => {
  const renditions = [
    { name: "720p", segmentsDone: 3, segmentsTotal: 10 },
    { name: "audio", segmentsDone: 10, segmentsTotal: 10 },
  ];
  expect(workOf({ ...video(1, "transcoding"), renditions })).toEqual({ done: 13, total: 20 });
});
