import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeClip } from "../../system/media-clip.ts";
import { temporaryDirectory } from "../../system/temporary-directory.ts";
import { plainLadderArguments, planOf } from "./plain-ladder.ts";

test("the plain ladder is one process with the encoders of ours, over the whole file", async () => {
  const directory = await temporaryDirectory("plain");
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const file = join(directory.path, "clip.mp4");
  const clip = { size: "320x180", rate: "30000/1001", seconds: 9, noise: 5, crf: 30, seed: 1 };
  await makeClip(file, clip);

  const plan = await planOf(file);
  const args = plainLadderArguments(plan, file, "/out", "ours");
  const threads = (ladder: readonly string[]) =>
    ladder.flatMap((argument, index) => (ladder[index - 1] === "-threads" ? [argument] : []));

  expect(plan.chunks.length).toBeGreaterThan(1);
  expect(args.filter((argument) => argument === "-i")).toHaveLength(1);
  expect(args).toContain(String(plan.timeline.totalFrames));
  expect(args.filter((argument) => argument.startsWith("/out/"))).toEqual([
    ...plan.renditions.map((_, index) => `/out/${index + 3}.mp4`),
    "/out/audio.mp4",
  ]);
  expect(threads(args)).toEqual(["2", ...plan.renditions.map(() => "1")]);
  expect(threads(plainLadderArguments(plan, file, "/out", "ffmpeg"))).toEqual([
    "2",
    ...plan.renditions.map(() => "0"),
  ]);
});
