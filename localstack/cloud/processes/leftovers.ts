import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../context.ts";
import { type RecordedGroup, readGroupJournal } from "./group-journal.ts";
import { groupHasMarkedMember, startMark } from "./process-table.ts";
import { killGroup } from "./signals.ts";

const GONE_WITHIN_MS = 5_000;

/**
 * Ends what the run before left running when both it and its guard were killed. A group is ended only
 * when its leader is the very process that was started (same id, same start), or when the leader is
 * gone and a member carries that run's mark: an id that was given to somebody else is left alone.
 *
 * @returns how many groups were ended
 */
export async function endLeftovers(dataDir: string, log: Log): Promise<number> {
  const journal = readGroupJournal(dataDir);
  if (!journal) return 0;
  const ended = await Promise.all(
    journal.groups.map(async (group) => {
      if (!(await isOurs(group, journal.mark))) return false;
      if (!killGroup(group.groupId, "SIGKILL")) return false;
      await gone(group.groupId);
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

async function isOurs(group: RecordedGroup, mark: string): Promise<boolean> {
  const found = await startMark(group.groupId);
  if (found !== undefined) return found === group.startMark;
  return groupHasMarkedMember(group.groupId, mark);
}
