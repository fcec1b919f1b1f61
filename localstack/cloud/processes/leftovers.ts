import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../context.ts";
import { type RecordedGroup, readGroupJournal } from "./group-journal.ts";
import { markedGroups } from "./marked-groups.mjs";
import { startMark } from "./process-table.ts";
import { killGroup } from "./signals.ts";

const GONE_WITHIN_MS = 5_000;

/**
 * Ends what the run before left running when both it and its guard were killed: every group with a
 * member that carries that run's mark, listed or not, and every listed one whose leader is the very
 * process that was started (same id, same start). An id that was given to somebody else is left alone.
 *
 * @returns how many groups were ended
 */
export async function endLeftovers(dataDir: string, log: Log): Promise<number> {
  const journal = readGroupJournal(dataDir);
  if (!journal) return 0;
  const listed = await Promise.all(
    journal.groups.map(async (group) => ((await isOurs(group)) ? [group.groupId] : [])),
  );
  const groups = new Set([...markedGroups(journal.mark), ...listed.flat()]);
  const ended = await Promise.all(
    [...groups].map(async (groupId) => {
      if (!killGroup(groupId, "SIGKILL")) return false;
      await gone(groupId);
      return true;
    }),
  );
  const count = ended.filter(Boolean).length;
  if (count > 0) log("warn", "ended processes that the run before left behind", { groups: count });
  return count;
}

/** The kernel ends a process after we asked, and what it held (a port, a database's files) only then. */
async function gone(pid: number): Promise<void> {
  const end = performance.now() + GONE_WITHIN_MS;
  while (performance.now() < end && (await startMark(pid)) !== undefined) await delay(10);
}

async function isOurs({ groupId, startMark: started }: RecordedGroup): Promise<boolean> {
  return started !== undefined && (await startMark(groupId)) === started;
}
