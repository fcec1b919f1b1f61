import { setTimeout as delay } from "node:timers/promises";
import { median } from "../core/statistics.ts";
import { residentBytes } from "./process-table.ts";

const everyMs = 50;

/** Median of the resident memory of a process over a second in which it has nothing to do, in bytes. */
export async function idleMemory(pid: number): Promise<number> {
  const samples: number[] = [];
  for (let taken = 0; taken < 20; taken++) {
    samples.push(residentBytes(pid));
    await delay(everyMs);
  }
  return median(samples);
}

/** The most resident memory, in bytes, that a process has while `work` runs; looks every 50 ms. */
export async function peakMemoryDuring<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly peak: number }> {
  let peak = residentBytes(pid);
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, everyMs);
  try {
    return { result: await work(), peak };
  } finally {
    clearInterval(watch);
    peak = Math.max(peak, residentBytes(pid));
  }
}
