import { readdirSync, readFileSync } from "node:fs";

/**
 * The groups of all processes that were started with `mark` ("NAME=value") in their environment.
 * Only Linux lets us look; elsewhere there are none to be found.
 */
export function markedGroups(mark) {
  if (process.platform !== "linux") return [];
  const groups = new Set();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const marked = readFileSync(`/proc/${entry}/environ`, "latin1").split("\0").includes(mark);
      if (!marked) continue;
      // proc_pid_stat(5): the command's name may hold anything, so fields are counted after its last `)`.
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      groups.add(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]));
    } catch {
      // It ended while we looked, or is somebody else's.
    }
  }
  return [...groups];
}
