import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ChildServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/**
 * Starts a server that stands beside Sluice in a comparison, in a process of its own. Its script
 * listens on a free port of loopback and prints the address as its first line.
 */
export async function startChildServer(
  script: string,
  args: readonly string[] = [],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<ChildServer> {
  const child = spawn(process.execPath, [script, ...args], {
    ...options,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [url] = (await Promise.race([
    once(lines, "line"),
    exited.then(([code]) => {
      throw new Error(`${script} ended with ${code} before it listened.`);
    }),
  ])) as [string];
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      // Its standard input ends with us, and it with that (see untilParentEnds).
      child.stdin.end();
      await exited;
    },
  };
}

/** For the script: resolves when whoever started it is gone or wants it gone. */
export async function untilParentEnds(): Promise<void> {
  process.stdin.resume();
  await once(process.stdin, "close");
}
