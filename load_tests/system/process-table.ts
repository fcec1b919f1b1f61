import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on (sysconf(3), _SC_CLK_TCK). */
const ticksPerSecond = 100;

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The program's name, cut to 15 characters. */
  readonly name: string;
  /** With the id it tells a process from a later one that was given the same id. */
  readonly startTicks: string;
  /** CPU seconds of its own, user and system. */
  readonly cpuSeconds: number;
  /** CPU seconds of children that have ended and were waited for, and of theirs. */
  readonly endedChildrenCpuSeconds: number;
}

/** Every process of this machine that is more than a zombie (proc_pid_stat(5)); Linux only. */
export function readProcessTable(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const found = parseStat(read(`/proc/${entry}/stat`));
      return found ? [found] : [];
    });
}

/** @param stat one line of /proc/PID/stat; a name may hold blanks and brackets */
export function parseStat(stat: string): ProcessEntry | undefined {
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  if (nameEnd < 0 || fields[0] === "Z" || fields[0] === "X") return undefined;
  const seconds = (first: number) =>
    (Number(fields[first]) + Number(fields[first + 1])) / ticksPerSecond;
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
    startTicks: fields[19] ?? "",
    cpuSeconds: seconds(11),
    endedChildrenCpuSeconds: seconds(13),
  };
}

/** A process and all that it started, and they in turn. */
export function treeOf(root: number, table = readProcessTable()): ProcessEntry[] {
  const byParent = Map.groupBy(table, ({ parent }) => parent);
  const tree = table.filter(({ pid }) => pid === root);
  // Grows while it is walked.
  for (const { pid } of tree) tree.push(...(byParent.get(pid) ?? []));
  return tree;
}

/** Whether this very process, not a later one with its id, still runs. */
export function isAlive({ pid, startTicks }: ProcessEntry): boolean {
  return parseStat(read(`/proc/${pid}/stat`))?.startTicks === startTicks;
}

export function commandLine(pid: number): readonly string[] {
  return read(`/proc/${pid}/cmdline`).split("\0").filter(Boolean);
}

/** What a process was started with; empty once it is gone. */
export function environmentOf(pid: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    read(`/proc/${pid}/environ`)
      .split("\0")
      .filter(Boolean)
      .map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
  );
}

/** Bytes of a process that are in memory (VmRSS); 0 once it is gone. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/**
 * CPU seconds of a process, of all its descendants and of those of them that have ended: a parent
 * that waits for a child takes over the child's time (getrusage(2), RUSAGE_CHILDREN). What nobody
 * waited for, because its parent was killed, is not in it.
 */
export function cpuSecondsOf(root: number): number {
  return treeOf(root).reduce(
    (sum, entry) => sum + entry.cpuSeconds + entry.endedChildrenCpuSeconds,
    0,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It ended while we looked, or is somebody else's.
    return "";
  }
}
