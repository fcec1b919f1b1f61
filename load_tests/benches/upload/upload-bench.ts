import { join } from "node:path";
import { SluiceApi, upload } from "@sluice/client";
import { fileSource } from "@sluice/client/node";
import { interleave } from "../../core/interleave.ts";
import { type Row, rowOf } from "../../core/row.ts";
import { startChildServer } from "../../system/child-server.ts";
import { idleMemory, peakMemoryDuring } from "../../system/memory-watch.ts";
import { makeRandomFile } from "../../system/random-file.ts";
import { type RunningSluice, startSluice, untilVideo } from "../../system/running-sluice.ts";
import { inScope } from "../../system/scope.ts";
import { temporaryDirectory } from "../../system/temporary-directory.ts";
import type { Bench, Size } from "../bench.ts";
import { completeMs } from "./multipart-complete.ts";
import { rawUpload } from "./raw-upload.ts";

const MiB = 1024 ** 2;
const rawServer = join(import.meta.dirname, "raw-server.ts");
/** The client library begins with as many. */
const connections = 4;
const partBytes = 8 * MiB;

interface Plan {
  readonly speedBytes: number;
  readonly speedRounds: number;
  /** A multiple of the part: its parts are those of the row about `complete`, too. */
  readonly memoryBytes: number;
  readonly completeParts: number;
  readonly completeRounds: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: {
    speedBytes: 128 * MiB,
    speedRounds: 3,
    memoryBytes: 256 * MiB,
    completeParts: 32,
    completeRounds: 1,
  },
  default: {
    speedBytes: 512 * MiB,
    speedRounds: 5,
    memoryBytes: 2048 * MiB,
    completeParts: 256,
    completeRounds: 3,
  },
  full: {
    speedBytes: 1024 * MiB,
    speedRounds: 7,
    memoryBytes: 2048 * MiB,
    completeParts: 256,
    completeRounds: 7,
  },
};

/** Set for 2 GB and 256 parts; with less they would be met by doing less. */
const memoryTarget = { bytes: 2048 * MiB, atMostMB: 64 };
const completeTarget = { parts: 256, atMostMs: 200 };

export const uploadBench: Bench = {
  summary: "parallel parts through the client library, beside raw PUTs to a bare server",
  steps: (size) => 3 + 2 * plans[size].speedRounds + plans[size].completeRounds,
  run: (size, step) =>
    inScope(async (scope) => {
      const plan = plans[size];
      const directory = scope.use(await temporaryDirectory("bench-upload"));
      step("making a file");
      const file = join(directory.path, "source.bin");
      await makeRandomFile(file, plan.speedBytes, 1);
      return [
        ...(await inScope((inner) => speedAndComplete(plan, file, directory.path, inner, step))),
        ...(await inScope((inner) => memory(plan, directory.path, inner, step))),
      ];
    }),
};

async function speedAndComplete(
  plan: Plan,
  file: string,
  directory: string,
  scope: AsyncDisposableStack,
  step: (text: string) => void,
): Promise<Row[]> {
  step("starting Sluice");
  const sluice = scope.use(await startSluice(join(directory, "speed")));
  const raw = scope.use(await startChildServer(rawServer, [directory]));
  const speed = await interleave(
    {
      ours: () => megabytesASecond(plan.speedBytes, () => uploadOnce(sluice, sluice.api, file)),
      raw: () =>
        megabytesASecond(plan.speedBytes, async () => {
          await rawUpload(file, raw.url, { partBytes, connections });
          return async () => {};
        }),
    },
    plan.speedRounds,
    (arm, round) => step(`speed, round ${round + 1}: ${arm}`),
  );
  const complete: number[] = [];
  for (let round = 0; round < plan.completeRounds; round++) {
    step(`complete, round ${round + 1}`);
    complete.push(await completeMs(sluice.ready, plan.completeParts));
  }
  return [
    rowOf({
      what: `upload of ${plan.speedBytes / MiB} MiB, from create to complete`,
      unit: "MB/s",
      ours: speed.get("ours") ?? [],
      baseline: {
        name: `${connections} raw parallel PUTs of ${partBytes / MiB} MiB`,
        values: speed.get("raw") ?? [],
      },
    }),
    rowOf({
      what: `S3 CompleteMultipartUpload of ${plan.completeParts} parts`,
      unit: "ms",
      ours: complete,
      ...(plan.completeParts === completeTarget.parts
        ? { target: { atMost: completeTarget.atMostMs } }
        : {}),
    }),
  ];
}

/** @param work resolves with what is to be done after the clock has stopped */
async function megabytesASecond(
  bytes: number,
  work: () => Promise<() => Promise<void>>,
): Promise<number> {
  const began = performance.now();
  const tidyUp = await work();
  const speed = bytes / 1e3 / (performance.now() - began);
  await tidyUp();
  return speed;
}

/** The file is no film: what follows an upload is a plan that fails, and that is waited for. */
async function uploadOnce(sluice: RunningSluice, api: SluiceApi, file: string) {
  const source = await fileSource(file);
  try {
    const { videoId } = await upload(api, source).result;
    return async () => {
      await untilVideo(sluice.api, videoId);
      await sluice.api.deleteVideo(videoId);
    };
  } finally {
    await source.close();
  }
}

/** Of a process that has done nothing before, so that all it needs for the first time counts too. */
async function memory(
  plan: Plan,
  directory: string,
  scope: AsyncDisposableStack,
  step: (text: string) => void,
): Promise<Row[]> {
  step(`memory: ${plan.memoryBytes / MiB} MiB`);
  const file = join(directory, "large.bin");
  await makeRandomFile(file, plan.memoryBytes, 2);
  const sluice = scope.use(await startSluice(join(directory, "memory")));
  const { api, completions } = timingCompletions(sluice);
  const idle = await idleMemory(sluice.pid);
  const { peak } = await peakMemoryDuring(sluice.pid, () => uploadOnce(sluice, api, file));
  const parts = plan.memoryBytes / partBytes;
  return [
    rowOf({
      what: `growth of the server's resident memory in an upload of ${plan.memoryBytes / MiB} MiB`,
      unit: "MB",
      ours: [Math.max(0, peak - idle) / 1e6],
      ...(plan.memoryBytes === memoryTarget.bytes
        ? { target: { atMost: memoryTarget.atMostMB } }
        : {}),
    }),
    rowOf({
      what: `complete of ${parts} parts by the HTTP API, as the client waits for it`,
      unit: "ms",
      ours: completions,
      ...(parts === completeTarget.parts ? { target: { atMost: completeTarget.atMostMs } } : {}),
    }),
  ];
}

/** An API that notes how long each answer to `complete` takes, in milliseconds. */
function timingCompletions({ ready }: RunningSluice) {
  const completions: number[] = [];
  const api = new SluiceApi({
    baseUrl: ready.api,
    token: async () => ready.token,
    async fetch(input, init) {
      const began = performance.now();
      const answer = await fetch(input, init);
      if (String(input).endsWith("/complete")) completions.push(performance.now() - began);
      return answer;
    },
  });
  return { api, completions };
}
