import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { restartClip, troubleOf } from "@sluice/load-tests/faults/restart/restart-fault.ts";
import {
  runDisturbed,
  runUndisturbed,
  type Undisturbed,
} from "@sluice/load-tests/faults/restart/restart-run.ts";
import { describeSchedule, scheduleOf } from "@sluice/load-tests/faults/restart/schedule.ts";
import { makeClip } from "@sluice/load-tests/system/media-clip.ts";
import {
  type TemporaryDirectory,
  temporaryDirectory,
} from "@sluice/load-tests/system/temporary-directory.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A seed for each of: upload, plan, transcode, commit, package. `npm run faults` has as many as you like. */
const seeds = [6, 1, 2, 3, 10];

/** Processes are counted in /proc. */
describe.runIf(process.platform === "linux")("kill -9 at a seeded moment", () => {
  let directory: TemporaryDirectory;
  let clip: string;
  let undisturbed: Undisturbed;

  const newDirectory = async (name: string) => {
    const path = join(directory.path, name);
    await mkdir(path);
    return path;
  };

  beforeAll(async () => {
    directory = await temporaryDirectory("restart-kills");
    clip = join(directory.path, "clip.mp4");
    await makeClip(clip, restartClip);
    undisturbed = await runUndisturbed({ directory: await newDirectory("undisturbed"), clip });
  });
  afterAll(() => directory?.[Symbol.asyncDispose]());

  test.each(
    seeds.map(scheduleOf).map((schedule) => ({
      schedule,
      kinds: describeSchedule(schedule),
    })),
  )("of $kinds: the video finishes as it would have, and nobody is left behind", async (run) => {
    const { schedule } = run;
    const place = { directory: await newDirectory(`seed-${schedule.seed}`), clip };

    const outcome = await runDisturbed(place, schedule, undisturbed);

    expect(troubleOf(outcome)).toEqual([]);
  });
});
