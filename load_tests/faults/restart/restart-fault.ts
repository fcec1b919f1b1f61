import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { countRow } from "../../core/row.ts";
import { type Clip, makeClip } from "../../system/media-clip.ts";
import { inScope } from "../../system/scope.ts";
import { temporaryDirectory } from "../../system/temporary-directory.ts";
import type { Fault, FaultOptions, FaultResult } from "../fault.ts";
import { type RunOutcome, runDisturbed, runUndisturbed } from "./restart-run.ts";
import { describeSchedule, kindOf, type Schedule, scheduleOf } from "./schedule.ts";

/** Three parts to upload, two chunks and a track of sound to make. */
export const restartClip: Clip = {
  size: "640x360",
  rate: "30",
  seconds: 8,
  noise: 60,
  crf: 10,
  seed: 1,
};

export const restartFault: Fault = {
  summary: "kill -9 of the command alone or of the whole tree, at any moment of a video's way",
  steps: (runs) => 1 + runs,
  run: (options) => inScope((scope) => run(options, scope)),
};

async function run(
  { seed, runs, step, notice }: FaultOptions,
  scope: AsyncDisposableStack,
): Promise<FaultResult> {
  const { path } = scope.use(await temporaryDirectory("faults-restart"));
  step("undisturbed");
  const clip = join(path, "clip.mp4");
  await makeClip(clip, restartClip);
  const undisturbed = await runUndisturbed({
    directory: await directoryOf(path, "undisturbed"),
    clip,
  });

  const outcomes: { readonly schedule: Schedule; readonly outcome: RunOutcome }[] = [];
  for (let index = 0; index < runs; index++) {
    const schedule = scheduleOf(seed + index);
    step(`seed ${schedule.seed}: ${describeSchedule(schedule)}`);
    const directory = await directoryOf(path, `seed-${schedule.seed}`);
    const outcome = await runDisturbed({ directory, clip }, schedule, undisturbed);
    for (const line of troubleOf(outcome)) notice(`seed ${schedule.seed}: ${line}`);
    outcomes.push({ schedule, outcome });
    await rm(directory, { recursive: true, force: true });
  }
  return resultOf(outcomes);
}

async function directoryOf(path: string, name: string): Promise<string> {
  const directory = join(path, name);
  await mkdir(directory);
  return directory;
}

/** One line for each thing that is not as it should be. */
export function troubleOf({ completed, trouble, differing, orphans }: RunOutcome): string[] {
  return [
    ...(completed ? [] : [trouble ?? "It was lost."]),
    ...(differing.length > 0 ? [`Differing: ${differing.join(", ")}`] : []),
    ...(orphans.length > 0 ? [`Left running: ${orphans.join(", ")}`] : []),
  ];
}

function resultOf(
  runs: readonly { readonly schedule: Schedule; readonly outcome: RunOutcome }[],
): FaultResult {
  const count = (fits: (outcome: RunOutcome) => boolean) =>
    runs.filter(({ outcome }) => fits(outcome)).length;
  const injected: Record<string, number> = {};
  for (const { schedule } of runs) {
    for (const blow of schedule.blows) {
      const kind = kindOf(blow, schedule.dispatch);
      injected[kind] = (injected[kind] ?? 0) + 1;
    }
  }
  const total = runs.length;
  return {
    rows: [
      countRow(
        "completed",
        count(({ completed }) => completed),
        total,
        { atLeast: total },
      ),
      countRow(
        "differing",
        count(({ differing }) => differing.length > 0),
        total,
        { atMost: 0 },
      ),
      countRow(
        "lost",
        count(({ completed }) => !completed),
        total,
        { atMost: 0 },
      ),
      countRow(
        "orphans",
        count(({ orphans }) => orphans.length > 0),
        total,
        { atMost: 0 },
      ),
    ],
    injected,
    failingSeeds: runs
      .filter(({ outcome }) => troubleOf(outcome).length > 0)
      .map(({ schedule }) => schedule.seed),
  };
}
