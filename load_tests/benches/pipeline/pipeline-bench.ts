import { mkdir, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { upload } from "@sluice/client";
import { fileSource } from "@sluice/client/node";
import { type Dispatch, dispatches } from "@sluice/contracts";
import { interleave } from "../../core/interleave.ts";
import { type Row, rowOf } from "../../core/row.ts";
import { cpuTimeBetween, cpuTimeOf } from "../../system/cpu-time.ts";
import { type Clip, makeClip } from "../../system/media-clip.ts";
import { treeOf } from "../../system/process-table.ts";
import { startSluice } from "../../system/running-sluice.ts";
import { inScope } from "../../system/scope.ts";
import { temporaryDirectory } from "../../system/temporary-directory.ts";
import type { Bench, Size } from "../bench.ts";
import { type EncoderThreads, plainLadderArguments, planOf, runFfmpeg } from "./plain-ladder.ts";

const plans: Readonly<Record<Size, { readonly seconds: number; readonly rounds: number }>> = {
  quick: { seconds: 12, rounds: 1 },
  default: { seconds: 60, rounds: 2 },
  full: { seconds: 60, rounds: 5 },
};

/** 720p29.97 that is neither still nor pure noise, so that encoders find the work of a film. */
const clipOf = (seconds: number): Clip => ({
  size: "1280x720",
  rate: "30000/1001",
  seconds,
  noise: 8,
  crf: 20,
  seed: 1,
});

const cpuTarget = { atMost: 1.05 };
const playableTarget = { atMost: 0.25 };
/** As often as the page and the start command ask; asking costs CPU time too. */
const pollMs = 500;
const playablePollMs = 200;
/** What a video's last functions still do once it is ready. */
const restMs = 1_000;

/** One way of making the renditions; CPU and wall time in seconds. */
interface Measured {
  readonly cpu: number;
  readonly wall: number;
  /** ffmpeg's share of `cpu`. */
  readonly encoders: number;
  readonly playable: number;
}

export const pipelineBench: Bench = {
  summary: "from upload to ready, by pull and by push, beside one ffmpeg that does the same",
  steps: (size) => 1 + plans[size].rounds * (2 + dispatches.length),
  run: (size, step) =>
    inScope(async (scope) => {
      const { seconds, rounds } = plans[size];
      const directory = scope.use(await temporaryDirectory("bench-pipeline")).path;
      usePackagedFfmpeg();
      step(`making a clip of ${seconds} s`);
      const clip = join(directory, "clip.mp4");
      await makeClip(clip, clipOf(seconds));
      const results = await interleave(
        {
          plain: () => plainLadder(clip, directory, "ours"),
          threaded: () => plainLadder(clip, directory, "ffmpeg"),
          pull: () => throughSluice(clip, directory, "pull"),
          push: () => throughSluice(clip, directory, "push"),
        },
        rounds,
        (arm, round) => step(`round ${round + 1}: ${arm}`),
      );
      return rowsOf(results, seconds);
    }),
};

/** The very ffmpeg and ffprobe that the layer links to, for all arms. */
function usePackagedFfmpeg(): void {
  const layer = join(import.meta.dirname, "../../../layers/ffmpeg/dist/embedded/bin");
  process.env.PATH = `${layer}${delimiter}${process.env.PATH}`;
}

async function plainLadder(
  clip: string,
  directory: string,
  threads: EncoderThreads,
): Promise<Measured> {
  const output = join(directory, "plain");
  await mkdir(output);
  const args = plainLadderArguments(await planOf(clip), clip, output, threads);
  const began = performance.now();
  const before = endedChildrenCpuSeconds();
  await runFfmpeg(args);
  const wall = (performance.now() - began) / 1000;
  const cpu = endedChildrenCpuSeconds() - before;
  await rm(output, { recursive: true });
  return { cpu, wall, encoders: cpu, playable: wall };
}

/** Of all that this process started and waited for. */
function endedChildrenCpuSeconds(): number {
  return treeOf(process.pid)[0]?.endedChildrenCpuSeconds ?? 0;
}

/** A start of its own for each run, so that every function starts cold: the first video of a day. */
function throughSluice(clip: string, directory: string, dispatch: Dispatch): Promise<Measured> {
  return inScope(async (scope) => {
    const data = join(directory, `data-${dispatch}`);
    scope.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
    const sluice = scope.use(await startSluice(data));
    await delay(restMs);
    const before = cpuTimeOf(sluice.pid);
    const began = performance.now();
    const source = await fileSource(clip, { contentType: "video/mp4" });
    const { videoId } = await upload(sluice.api, source, { dispatch }).result;
    await source.close();
    let playable: number | undefined;
    for (;;) {
      const video = await sluice.api.getVideo(videoId);
      if (video.playable) playable ??= (performance.now() - began) / 1000;
      if (video.status === "failed") throw new Error(`It failed: ${video.failure?.message}`);
      if (video.status === "ready") break;
      await delay(playable === undefined ? playablePollMs : pollMs);
    }
    const wall = (performance.now() - began) / 1000;
    await delay(restMs);
    const { encoders, rest } = cpuTimeBetween(before, cpuTimeOf(sluice.pid));
    return { cpu: encoders + rest, wall, encoders, playable: playable ?? wall };
  });
}

function rowsOf(results: ReadonlyMap<string, readonly Measured[]>, seconds: number): Row[] {
  const of = (arm: string, value: (measured: Measured) => number) =>
    (results.get(arm) ?? []).map(value);
  const plain = "one plain ffmpeg, one thread an encoder as ours";
  const threaded = "one plain ffmpeg, threads as it chooses";
  return dispatches.flatMap((dispatch) => {
    const row = (
      what: string,
      ours: (measured: Measured) => number,
      baseline: { readonly arm: string; readonly name: string },
      theirs: (measured: Measured) => number,
      target?: { readonly atMost: number },
    ) =>
      rowOf({
        what: `${dispatch}: ${what}, ${seconds} s of 720p29.97`,
        unit: "s",
        ours: of(dispatch, ours),
        baseline: { name: baseline.name, values: of(baseline.arm, theirs) },
        target,
      });
    const one = { arm: "plain", name: plain };
    const many = { arm: "threaded", name: threaded };
    return [
      row(
        "CPU time of everything",
        ({ cpu }) => cpu,
        one,
        ({ cpu }) => cpu,
        cpuTarget,
      ),
      row(
        "CPU time of ffmpeg alone",
        ({ encoders }) => encoders,
        one,
        ({ cpu }) => cpu,
      ),
      row(
        "wall time to ready",
        ({ wall }) => wall,
        one,
        ({ wall }) => wall,
      ),
      row(
        "wall time to ready",
        ({ wall }) => wall,
        many,
        ({ wall }) => wall,
      ),
      row(
        "time to first playable",
        (m) => m.playable,
        one,
        ({ wall }) => wall,
        playableTarget,
      ),
      row(
        "time to first playable",
        (m) => m.playable,
        many,
        ({ wall }) => wall,
      ),
    ];
  });
}
