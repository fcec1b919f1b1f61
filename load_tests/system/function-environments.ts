import { setTimeout as delay } from "node:timers/promises";
import { environmentOf, isAlive, type ProcessEntry, treeOf } from "./process-table.ts";
import type { RunningSluice } from "./running-sluice.ts";

/** Processes of the function whose name contains `part`, as they are now: one an environment. */
export function environmentsOf(sluice: RunningSluice, part: string): ProcessEntry[] {
  return treeOf(sluice.pid).filter(({ pid, group }) => {
    // What ffmpeg is given is no environment of Lambda's; a group is led by the runtime.
    const { AWS_LAMBDA_FUNCTION_NAME: name = "" } = environmentOf(pid);
    return pid === group && name.includes(part);
  });
}

/** Ends them all, so that the next invocation starts cold. */
export async function endEnvironments(sluice: RunningSluice, part: string): Promise<void> {
  const ended = environmentsOf(sluice, part);
  for (const { pid } of ended) process.kill(pid, "SIGKILL");
  while (ended.some(isAlive)) await delay(5);
  // Sluice learns of it as any parent does.
  await delay(200);
}
