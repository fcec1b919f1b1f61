import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CloudContext, Credentials, SupervisedProcess } from "../context.ts";
import { directorySize } from "./directory-size.ts";
import { environmentVariables, nodeArguments } from "./environment-variables.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { EnvironmentLog } from "./function-log.ts";
import { INIT_SECONDS } from "./limits.ts";
import { openRuntimeApi, type RuntimeApi } from "./runtime-api.ts";

const bootstrap = fileURLToPath(new URL("./node-bootstrap.mjs", import.meta.url));
const TEMPORARY_CHECK_MS = 1000;
/** On a busy host the step from an answer to the next request takes long, a cold start far longer. */
const REUSE_MS = 250;

export interface Work {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: Uint8Array;
  readonly clientContext?: string | undefined;
}

export interface Outcome {
  readonly payload: Buffer;
  readonly failed: boolean;
  /** The cloud ended it, by stopping: the function is not to blame. */
  readonly interrupted: boolean;
  readonly logTail: Buffer;
}

interface Running {
  readonly work: Work;
  readonly settle: (outcome: Outcome) => void;
  /** Set when the runtime took it. */
  startedAt?: number;
  timer?: { cancel(): void };
  settled: boolean;
  /** The outcome on its way to the caller. */
  deliver?: () => void;
}

export interface EnvironmentParts {
  readonly context: CloudContext;
  readonly config: FunctionConfig;
  readonly credentials: Credentials;
  readonly log: EnvironmentLog;
  /** Ready for more. */
  readonly onIdle: () => void;
  /** Its process has ended, for whatever reason: it must not be given work any more. */
  readonly onDead: () => void;
  /** Dead, its last outcome settled and its files removed; called once. */
  readonly onGone: () => void;
}

/** A process that runs one invocation at a time, from its start to its end. */
export class ExecutionEnvironment {
  readonly config: FunctionConfig;
  readonly #parts: EnvironmentParts;
  readonly #id = randomUUID();
  readonly #temporary: string;
  readonly #bornAt = performance.now();
  #api: RuntimeApi | undefined;
  #process: SupervisedProcess | undefined;
  #running: Running | undefined;
  #initMs: number | undefined;
  #initError: Buffer | undefined;
  #loaded = false;
  #gone = false;
  #interrupted = false;
  #temporaryWatch: { cancel(): void } | undefined;

  constructor(parts: EnvironmentParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.#temporary = path.join(parts.context.dataDir, "lambda", "tmp", this.#id);
  }

  /** Starts the process. A failure shows as the outcome of the first `run`. */
  async start(): Promise<void> {
    try {
      await this.#spawn();
    } catch (error) {
      await this.#onExit(error instanceof Error ? error.message : String(error));
    }
  }

  async #spawn(): Promise<void> {
    const { context, config, credentials, log } = this.#parts;
    mkdirSync(this.#temporary, { recursive: true, mode: 0o700 });
    this.#api = await openRuntimeApi({
      idle: () => this.#onIdle(),
      responded: (id, payload) => this.#finish(id, payload, false),
      failed: (id, payload) => this.#finish(id, payload, true),
      initFailed: (payload) => {
        this.#initError = payload;
      },
    });
    if (this.#interrupted) return this.#onExit("interrupted");
    const place = {
      runtimeApi: this.#api.address,
      temporary: this.#temporary,
      logStream: `${new Date(context.clock.now()).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${this.#id.replaceAll("-", "")}`,
    };
    const compileCache = path.join(context.dataDir, "lambda", "compile-cache");
    this.#process = context.processes.spawn(
      process.execPath,
      [...nodeArguments(config), bootstrap, compileCache],
      {
        cwd: config.codeDirectory,
        env: environmentVariables(config, context, credentials, place, process.env.PATH ?? ""),
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const { child } = this.#process;
    child.stdout?.on("data", (chunk: Buffer) => log.data("stdout", chunk));
    child.stderr?.on("data", (chunk: Buffer) => log.data("stderr", chunk));
    void this.#process.exited.then(({ code, signal }) =>
      this.#onExit(signal === null ? `exit status ${code ?? "unknown"}` : `signal: ${signal}`),
    );
  }

  /** To be called once after construction, then whenever it is idle. Never rejects. */
  run(work: Work): Promise<Outcome> {
    return new Promise((settle) => {
      const { context, config, log } = this.#parts;
      this.#running = { work, settle, settled: false };
      log.begin(work.requestId);
      if (this.#gone) return this.#fail("Runtime.ExitError", "the environment has ended");
      if (this.#loaded) return this.#begin();
      // Lambda loads again within the function's own time when the first 10 seconds did not suffice.
      const seconds = INIT_SECONDS + config.timeoutSeconds;
      this.#running.timer = context.clock.schedule(seconds * 1000, () => this.#timeOut(seconds));
    });
  }

  /** Ends the process and whatever it started, at once. What runs is reported as interrupted. */
  end(): void {
    this.#interrupted = true;
    this.#process?.killGroup("SIGKILL");
  }

  #onIdle(): void {
    if (!this.#loaded) {
      this.#loaded = true;
      this.#initMs = performance.now() - this.#bornAt;
    }
    const running = this.#running;
    if (running && running.startedAt === undefined) this.#begin();
    else if (running && !running.settled) {
      this.#fail("Runtime.NoResponse", "the runtime asked for an event before it answered");
    } else void this.#rest(running);
  }

  /** The end of an invocation: the answer goes out, and the environment takes the next one. */
  async #rest(running: Running | undefined): Promise<void> {
    running?.timer?.cancel();
    this.#temporaryWatch?.cancel();
    // What the function wrote is in the pipe: let it be read first.
    await nextTurn();
    if (this.#gone) return;
    running?.deliver?.();
    this.#running = undefined;
    this.#parts.onIdle();
  }

  #begin(): void {
    const running = this.#running;
    if (!running) return;
    const { context, config, log } = this.#parts;
    const { work } = running;
    const timeoutMs = config.timeoutSeconds * 1000;
    running.startedAt = performance.now();
    running.timer?.cancel();
    running.timer = context.clock.schedule(timeoutMs, () => this.#timeOut(config.timeoutSeconds));
    this.#watchTemporary();
    log.line(`START RequestId: ${work.requestId} Version: $LATEST`);
    this.#api?.hand({
      ...work,
      // The function compares it with the machine's clock, not with ours.
      deadlineMs: Date.now() + timeoutMs,
      traceId: `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${this.#id.replaceAll("-", "").slice(0, 24)};Sampled=0`,
    });
  }

  #finish(requestId: string, payload: Buffer, failed: boolean): void {
    const running = this.#running;
    if (!running || running.settled || running.work.requestId !== requestId) return;
    running.settled = true;
    running.deliver = () => {
      clearTimeout(late);
      delete running.deliver;
      this.#report(running);
      running.settle({ payload, failed, interrupted: false, logTail: this.#parts.log.tail });
    };
    // The runtime asks for more right after: a caller who calls again at once finds it idle, and all
    // that the function wrote is read by then. One that tarries keeps nobody waiting.
    const late = setTimeout(running.deliver, REUSE_MS);
  }

  #fail(errorType: string, message: string): void {
    const running = this.#running;
    if (!running || running.settled) return;
    running.settled = true;
    running.timer?.cancel();
    const { requestId } = running.work;
    const errorMessage = `RequestId: ${requestId} Error: ${message}`;
    this.#parts.log.flush();
    this.#parts.log.line(errorMessage);
    this.#report(running);
    running.settle({
      payload: this.#initError ?? Buffer.from(JSON.stringify({ errorType, errorMessage })),
      failed: true,
      interrupted: this.#interrupted,
      logTail: this.#parts.log.tail,
    });
    this.#process?.killGroup("SIGKILL");
  }

  #timeOut(seconds: number): void {
    this.#fail("Sandbox.Timedout", `Task timed out after ${seconds.toFixed(2)} seconds`);
    // Answered, but never asking for more: the environment is of no use.
    this.#process?.killGroup("SIGKILL");
  }

  async #onExit(how: string): Promise<void> {
    this.#gone = true;
    this.#parts.onDead();
    await nextTurn();
    this.#running?.timer?.cancel();
    this.#running?.deliver?.();
    this.#temporaryWatch?.cancel();
    this.#api?.close();
    this.#fail("Runtime.ExitError", `Runtime exited with error: ${how}`);
    await rm(this.#temporary, { recursive: true, force: true }).catch(() => {});
    this.#parts.onGone();
  }

  #report(running: Running): void {
    const { log, config } = this.#parts;
    const { requestId } = running.work;
    const ms = running.startedAt === undefined ? 0 : performance.now() - running.startedAt;
    const memory = this.#peakMemoryMb();
    log.flush();
    log.line(`END RequestId: ${requestId}`);
    log.line(
      [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${ms.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(ms)} ms`,
        `Memory Size: ${config.memoryMb} MB`,
        ...(memory === undefined ? [] : [`Max Memory Used: ${memory} MB`]),
        ...(this.#initMs === undefined ? [] : [`Init Duration: ${this.#initMs.toFixed(2)} ms`]),
      ].join("\t"),
    );
    // Only the first invocation of an environment pays for its start.
    this.#initMs = undefined;
  }

  /** Of the function's own process; undefined where there is no /proc. */
  #peakMemoryMb(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#process?.child.pid}/status`, "utf8");
      const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
      return kilobytes === undefined ? undefined : Math.ceil(Number(kilobytes) / 1024);
    } catch {
      return undefined;
    }
  }

  #watchTemporary(): void {
    const { context, config } = this.#parts;
    this.#temporaryWatch = context.clock.schedule(TEMPORARY_CHECK_MS, async () => {
      const bytes = await directorySize(this.#temporary);
      if (!this.#running || this.#running.settled) return;
      if (bytes <= config.ephemeralMb * 1024 * 1024) return this.#watchTemporary();
      this.#fail(
        "Runtime.ExitError",
        `the temporary directory holds more than its ${config.ephemeralMb} MB (EphemeralStorage)`,
      );
    });
  }
}
