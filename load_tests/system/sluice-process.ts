import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { nodeFlags } from "../../scripts/node-flags.mjs";

const root = dirname(dirname(import.meta.dirname));

/** One line of `npm start -- --json`. */
export interface StartEvent {
  readonly event: "ready" | "uploading" | "playable" | "done" | "failed" | "error";
  readonly [member: string]: unknown;
}

export interface ReadyEvent extends StartEvent {
  readonly event: "ready";
  readonly web: string;
  readonly api: string;
  readonly endpoint: string;
  readonly token: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; region: string };
}

export interface WatchEvent extends StartEvent {
  readonly videoId: string;
  readonly watch: string;
  readonly playlist: string;
  readonly cookie: string;
  readonly ms: number;
}

/** Sluice as a person starts it: the command itself, in a process of its own. */
export class SluiceProcess {
  readonly events: StartEvent[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #stderr = "";
  #wake: (() => void)[] = [];
  #ended = false;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const start = join(root, "cli", "start.ts");
    this.#child = spawn(process.execPath, [...nodeFlags, start, "--json", ...args], {
      cwd: root,
      // The channel ends Sluice when the test runner goes without stopping it.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...env },
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-10_000);
    });
    const { stdout } = this.#child;
    if (!stdout) throw new Error("The process has no standard output.");
    createInterface({ input: stdout }).on("line", (line) => {
      this.events.push(JSON.parse(line) as StartEvent);
      this.#notify();
    });
    this.exited = new Promise((resolve) => {
      this.#child.on("close", (code) => {
        this.#ended = true;
        this.#notify();
        resolve(code);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  /** The next event that fits, among those that came and those to come. Fails on `error` or the end. */
  async waitFor<E extends StartEvent>(fits: (event: StartEvent) => boolean): Promise<E> {
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found as E;
      const error = this.events.find(({ event }) => event === "error");
      if (error || this.#ended) {
        throw new Error(
          `Sluice ended before the event came: ${JSON.stringify(this.events)}\n${this.#stderr}`,
        );
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  ready(): Promise<ReadyEvent> {
    return this.waitFor<ReadyEvent>(({ event }) => event === "ready");
  }

  /** As Ctrl-C does; resolves with the exit code. */
  stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited;
  }
}
