import { spawn } from "node:child_process";
import { dirname, join } from "node:path";

const root = dirname(dirname(import.meta.dirname));
export const sluiceScript = join(root, "scripts", "sluice.mjs");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output by lines, when it is one JSON object a line. */
  readonly lines: readonly Record<string, unknown>[];
}

export interface Running {
  readonly stdin: NodeJS.WritableStream;
  readonly finished: Promise<Finished>;
  /** Resolves when that event was printed; what follows can interfere. */
  event(name: string): Promise<Record<string, unknown>>;
  /** Resolves when something like that was printed. */
  printed(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** `npx sluice` in a process of its own; npx only adds itself. */
export function sluice(
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Running {
  const child = spawn(process.execPath, [sluiceScript, ...args], {
    cwd: options.cwd ?? root,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...options.env },
  });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const look of [...waiting]) look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const parsed = () =>
    stdout
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr, lines: parsed() }));
  });
  const seen = <T>(find: () => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      finished.then(() => reject(new Error(`It ended before that came: ${stdout}${stderr}`)));
    });
  return {
    stdin: child.stdin,
    finished,
    kill: (signal) => void child.kill(signal),
    event: (name) => seen(() => parsed().find(({ event }) => event === name)),
    printed: (pattern) => seen(() => (pattern.test(stdout) ? true : undefined)).then(() => {}),
  };
}
