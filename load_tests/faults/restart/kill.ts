import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  commandLine,
  environmentOf,
  isAlive,
  type ProcessEntry,
  readProcessTable,
  treeOf,
} from "../../system/process-table.ts";
import type { RunningSluice } from "../../system/running-sluice.ts";
import type { Victim } from "./schedule.ts";

/** A guard ends what is left within a moment of its parent's death; this is far more. */
const defaultPatienceMs = 5_000;

/**
 * Kills a running Sluice with SIGKILL.
 * @returns the processes that outlived it, by name: there should be none
 */
export async function kill(sluice: RunningSluice, victim: Victim): Promise<string[]> {
  const tree = treeOf(sluice.pid);
  for (const { pid } of victim === "tree" ? tree : tree.slice(0, 1)) signal(pid);
  await sluice.process.exited;
  return orphansOf(sluice.dataDir, tree);
}

/**
 * Processes of a Sluice that has ended: those of its tree, and any that has its data directory in
 * its command line, its environment or as its working directory. Zombies are not among them.
 *
 * @param patienceMs how long they may take to go
 * @returns their names and ids
 */
export async function orphansOf(
  dataDir: string,
  tree: readonly ProcessEntry[],
  patienceMs = defaultPatienceMs,
): Promise<string[]> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const left = [...tree.filter(isAlive), ...processesOf(dataDir)];
    if (left.length === 0) return [];
    if (performance.now() > end) {
      return [
        ...new Map(left.map((entry) => [entry.pid, `${programOf(entry)} (${entry.pid})`])).values(),
      ];
    }
    await delay(20);
  }
}

/** Node calls its own thread something else. */
const programOf = ({ pid, name }: ProcessEntry) => basename(commandLine(pid)[0] ?? name);

function processesOf(dataDir: string): ProcessEntry[] {
  return readProcessTable().filter(
    ({ pid }) =>
      pid !== process.pid &&
      (commandLine(pid).some((argument) => argument.includes(dataDir)) ||
        Object.values(environmentOf(pid)).some((value) => value.includes(dataDir)) ||
        workingDirectory(pid).startsWith(dataDir)),
  );
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went with the one before it.
  }
}
