import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Video } from "@sluice/contracts";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { RawApi } from "./support/api.ts";
import { makeClip } from "./support/media.ts";
import { SluiceProcess, type WatchEvent } from "./support/sluice-process.ts";

let directory: string;
let args: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-restart-"));
  args = ["--port", "0", "--data-dir", join(directory, "data")];
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test("a video stopped in mid-transcode finishes by itself after the next start", async () => {
  const clip = await makeClip(directory, "long.mp4", { seconds: 40, size: "1280x720" });
  const first = new SluiceProcess([...args, clip]);
  onTestFinished(() => void first.stop());
  const playable = await first.waitFor<WatchEvent>(({ event }) => event === "playable");
  const code = await first.stop();

  const second = new SluiceProcess(args);
  onTestFinished(() => void second.stop());
  const ready = await second.ready();
  const video = await new RawApi(ready).settled(playable.videoId);
  const { body } = await new RawApi(ready).call<{ videos: Video[] }>("GET", "/videos");
  await second.stop();

  expect(code).toBe(0);
  expect(first.events.some(({ event }) => event === "done")).toBe(false);
  expect(video.status).toBe("ready");
  expect(video.durationMs).toBe(40_000);
  expect(body.videos.map(({ videoId }) => videoId)).toEqual([playable.videoId]);
});
