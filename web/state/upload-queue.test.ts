import type { UploadSnapshot } from "@sluice/client";
import { expect, test } from "vitest";
import {
  enqueue,
  isUploading,
  nextToStart,
  removeItem,
  setState,
  type UploadItem,
  videosOf,
  withoutShown,
} from "./upload-queue.ts";

const files = ["a", "b", "c"].map((id) => ({ id, name: `${id}.mp4`, size: 10 }));

function active(phase: UploadSnapshot["phase"], videoId?: string): UploadItem["state"] {
  return {
    kind: "active",
    snapshot: {
      phase,
      videoId,
      totalBytes: 10,
      confirmedBytes: 0,
      bytes: 0,
      bytesPerSecond: undefined,
      secondsLeft: undefined,
      trouble: undefined,
    },
  };
}

test("files start one after the other, in the order they were chosen", () => {
  let items = enqueue([], files);
  expect(nextToStart(items)?.id).toBe("a");
  items = setState(items, "a", active("uploading"));
  expect(nextToStart(items)).toBeUndefined();
  items = setState(items, "a", { kind: "done", videoId: "v" });
  expect(nextToStart(items)?.id).toBe("b");
});

test("a paused or failed upload lets the next one go", () => {
  const items = setState(enqueue([], files), "a", active("paused"));
  expect(nextToStart(items)?.id).toBe("b");
  expect(nextToStart(setState(items, "a", { kind: "failed", sentence: "x" }))?.id).toBe("b");
});

test("leaving the page interrupts only what is not over", () => {
  const [first] = enqueue([], files);
  const items = first ? [first] : [];
  expect(isUploading(items)).toBe(true);
  expect(isUploading(setState(items, "a", active("uploading")))).toBe(true);
  expect(isUploading(setState(items, "a", { kind: "failed", sentence: "x" }))).toBe(false);
  expect(isUploading(removeItem(items, "a"))).toBe(false);
});

test("a finished upload stays until the library shows its video", () => {
  const items = setState(enqueue([], files), "a", { kind: "done", videoId: "v" });
  expect(withoutShown(items, new Set())).toBe(items);
  expect(withoutShown(items, new Set(["v"])).map(({ id }) => id)).toEqual(["b", "c"]);
});

test("an upload card stands for its video, so that it is not shown twice", () => {
  const items = setState(setState(enqueue([], files), "a", active("uploading", "v1")), "b", {
    kind: "done",
    videoId: "v2",
  });
  expect([...videosOf(items)]).toEqual(["v1", "v2"]);
});
