import { environmentOf, type ProcessEntry, readProcessTable, treeOf } from "./process-table.ts";

/** CPU seconds of a running Sluice, by what spent them. */
export interface CpuTime {
  /** ffmpeg and ffprobe: whatever the functions' processes started. */
  readonly encoders: number;
  /** The command, the functions' own processes, PostgreSQL. */
  readonly rest: number;
}

/** Of everything below `root` since it was started, what has ended included (see cpuSecondsOf). */
export function cpuTimeOf(root: number): CpuTime {
  const table = readProcessTable();
  const tree = treeOf(root, table);
  const total = tree.reduce(
    (sum, entry) => sum + entry.cpuSeconds + entry.endedChildrenCpuSeconds,
    0,
  );
  const encoders = tree.filter(isFunction).reduce((sum, { pid, endedChildrenCpuSeconds }) => {
    const running = treeOf(pid, table).filter((entry) => entry.pid !== pid);
    return running.reduce((all, { cpuSeconds }) => all + cpuSeconds, sum + endedChildrenCpuSeconds);
  }, 0);
  return { encoders, rest: total - encoders };
}

/** The leader of an environment's group; what it starts is not told whose function it is. */
function isFunction({ pid, group }: ProcessEntry): boolean {
  return pid === group && "AWS_LAMBDA_FUNCTION_NAME" in environmentOf(pid);
}

export function cpuTimeBetween(before: CpuTime, after: CpuTime): CpuTime {
  return { encoders: after.encoders - before.encoders, rest: after.rest - before.rest };
}
