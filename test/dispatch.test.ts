import { readFile } from "node:fs/promises";
import { type Dispatch, dispatches, type Video } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeClip } from "./support/media.ts";
import { openTestPlatform, type TestPlatform } from "./support/platform.ts";

let platform: TestPlatform;

beforeAll(async () => {
  platform = await openTestPlatform({
    // Every message comes twice, and in any order.
    faults: { seed: 1, duplicateRate: 1, reorderRate: 1, duplicateWithinMs: 2_000 },
  });
});
afterAll(() => platform?.[Symbol.asyncDispose]());

test("a file is made the same, byte for byte, by pull and by push, whatever comes twice or out of order", async () => {
  // Prepare
  const { api, directory, made } = platform;
  const clip = await readFile(await makeClip(directory, "clip.mp4", { seconds: 14 }));

  // Act
  const videos = new Map<Dispatch, Video>();
  for (const dispatch of dispatches) {
    const videoId = await api.upload("clip.mp4", clip, { dispatch });
    videos.set(dispatch, await api.settled(videoId));
  }

  // Assess
  const [pulled, pushed] = [videos.get("pull"), videos.get("push")];
  expect(pulled).toMatchObject({ status: "ready", dispatch: "pull" });
  expect(pushed).toMatchObject({ status: "ready", dispatch: "push" });
  const [byPull, byPush] = [await made(pulled?.videoId ?? ""), await made(pushed?.videoId ?? "")];
  expect(Object.keys(byPull).filter((name) => name.endsWith(".m4s")).length).toBeGreaterThan(8);
  expect(Object.keys(byPull).some((name) => name.endsWith("master.m3u8"))).toBe(true);
  expect(byPush).toEqual(byPull);
});
