import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./guard.mjs", import.meta.url));

/** Our end of the pipe to the guard (see guard.mjs). Starts another one when the guard is killed. */
export class Guard {
  readonly #mark: string;
  readonly #groups = new Set<number>();
  #child: ChildProcess | undefined;
  #closed = false;

  /** @param mark "NAME=value", which the environment of every child holds */
  constructor(mark: string) {
    this.#mark = mark;
  }

  /** Called before the first child starts, so that no child is ever without a guard. */
  ensureStarted(): void {
    if (!this.#child) this.#start();
  }

  watch(groupId: number): void {
    this.#groups.add(groupId);
    this.#tell(`+${groupId}\n`);
  }

  forget(groupId: number): void {
    this.#groups.delete(groupId);
    this.#tell(`-${groupId}\n`);
  }

  /** Of the guard itself; for tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Closing the pipe makes the guard end every group that is still there, then itself. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    // Until now it did not keep us alive; now we wait for it.
    child.ref();
    child.stdin?.end(".\n");
    await exited;
  }

  #start(): void {
    const child = spawn(process.execPath, [script], {
      // Out of our own group, so that it outlives whatever is sent to us as a group.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
    });
    this.#child = child;
    child.unref();
    child.on("error", () => this.#restart(child));
    child.on("exit", () => this.#restart(child));
    // A broken pipe is followed by `exit`, which is where it is dealt with.
    child.stdin?.on("error", () => {});
    if (child.stdin && "unref" in child.stdin && typeof child.stdin.unref === "function") {
      child.stdin.unref();
    }
    this.#tell(`=${this.#mark}\n`);
    for (const groupId of this.#groups) this.#tell(`+${groupId}\n`);
  }

  #restart(child: ChildProcess): void {
    if (this.#closed || this.#child !== child) return;
    this.#child = undefined;
    if (this.#groups.size > 0) this.#start();
  }

  #tell(line: string): void {
    this.#child?.stdin?.write(line);
  }
}
