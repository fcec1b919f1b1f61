import { setTimeout as delay } from "node:timers/promises";
import { followFunctionLog, type InvocationMark } from "../../system/function-log.ts";
import type { Blow } from "./schedule.ts";

/** How long each phase took in the undisturbed run, in milliseconds. */
export interface Timings {
  /** From create to complete. */
  readonly upload: number;
  readonly plan: number;
  /** From the first task's start to the last one's end. */
  readonly transcode: number;
  /** One of them. */
  readonly commit: number;
  readonly commits: number;
  readonly package: number;
  /** From create to ready. */
  readonly total: number;
}

/** Parts of the functions' names. A chunk is made by one of two, as its video is dispatched. */
const functions = {
  plan: ["TranscodePlan"],
  transcode: ["TranscodeTranscode", "TranscodePushTranscode"],
  commit: ["TranscodeCommit"],
  package: ["TranscodePackage"],
} as const;
type Watched = keyof typeof functions;
const pollMs = 5;

/** Follows the functions of the pipeline through their logs. Open it before the upload begins. */
export class PipelineWatch {
  readonly #logs: readonly { readonly phase: string; readonly read: () => InvocationMark[] }[];
  readonly #seen: (InvocationMark & { readonly phase: string })[] = [];
  readonly #openedAt = performance.now();

  constructor(dataDir: string) {
    this.#logs = Object.entries(functions).flatMap(([phase, parts]) =>
      parts.map((part) => ({ phase, read: followFunctionLog(dataDir, part) })),
    );
  }

  #marks(wanted: Watched): readonly InvocationMark[] {
    for (const { phase, read } of this.#logs) {
      this.#seen.push(...read().map((mark) => ({ ...mark, phase })));
    }
    return this.#seen.filter(({ phase }) => phase === wanted);
  }

  /** Resolves at the moment that a blow names, or when `signal` aborts: the video was done before. */
  async until(blow: Blow, timings: Timings, signal: AbortSignal): Promise<void> {
    const { phase, share } = blow;
    if (phase === "upload" || phase === "any") {
      const after = share * (phase === "upload" ? timings.upload : timings.total);
      return sleep(this.#openedAt + after - performance.now(), signal);
    }
    const [nth, into] =
      phase === "commit"
        ? [Math.floor(share * timings.commits), ((share * timings.commits) % 1) * timings.commit]
        : [0, share * timings[phase]];
    while (!signal.aborted && startsOf(this.#marks(phase)).length <= nth) {
      await sleep(pollMs, signal);
    }
    await sleep(into, signal);
  }

  /** @param upload milliseconds from create to complete @param total from create to ready */
  timings(upload: number, total: number): Timings {
    const commits = this.#marks("commit");
    return {
      upload,
      total,
      plan: spanOf(this.#marks("plan")),
      transcode: spanOf(this.#marks("transcode")),
      commit: spanOf(commits) / Math.max(1, startsOf(commits).length),
      commits: startsOf(commits).length,
      package: spanOf(this.#marks("package")),
    };
  }
}

const startsOf = (marks: readonly InvocationMark[]) => marks.filter(({ kind }) => kind === "START");

function spanOf(marks: readonly InvocationMark[]): number {
  const times = marks.map(({ timeMs }) => timeMs);
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, ms), undefined, { signal }).catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
}
