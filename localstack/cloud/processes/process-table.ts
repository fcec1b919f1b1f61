import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * What tells one process from a later one that was given the same id: when it started, and on Linux
 * also in which boot. `undefined` when there is no such process, or only its zombie.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  return process.platform === "linux" ? startMarkLinux(pid) : startMarkPs(pid);
}

async function startMarkLinux(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([
    readStat(pid),
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
  ]);
  if (!stat || stat.state === "Z" || stat.state === "X") return undefined;
  return `${boot.trim()}/${stat.startTicks}`;
}

async function startMarkPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      "ps",
      ["-o", "state=,lstart=", "-p", String(pid)],
      {
        env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
      },
    );
    const [state, ...started] = stdout.trim().split(/\s+/);
    return !state || state.startsWith("Z") ? undefined : started.join(" ");
  } catch {
    return undefined;
  }
}

interface ProcStat {
  readonly state: string;
  readonly startTicks: string;
}

/** proc_pid_stat(5): the command's name may hold anything, so fields are counted after its last `)`. */
async function readStat(pid: number): Promise<ProcStat | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "X", startTicks: fields[19] ?? "" };
}
