import { type Preset, SingleBar } from "cli-progress";

export interface Progress {
  /** What is being done now; `done` of the steps are behind us. */
  step(done: number, text: string): void;
  stop(): void;
}

const look: Preset = {
  format: "  {bar} {value}/{total}  {duration_formatted}  {text}",
  barCompleteChar: "█",
  barIncompleteChar: "░",
};

/** To stderr: a bar where a person sees it, a line a step elsewhere. */
export function openProgress(total: number): Progress {
  if (process.stderr.isTTY !== true) {
    return {
      step: (done, text) => void process.stderr.write(`[${done + 1}/${total}] ${text}\n`),
      stop() {},
    };
  }
  const bar = new SingleBar({ barsize: 24, hideCursor: true, fps: 4, clearOnComplete: true }, look);
  bar.start(total, 0, { text: "" });
  return {
    step: (done, text) => bar.update(done, { text }),
    stop: () => bar.stop(),
  };
}
