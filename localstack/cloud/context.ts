import type { ChildProcess, SpawnOptions } from "node:child_process";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "./clock.ts";

/** What every service is given. */
export interface CloudContext {
  readonly accountId: string;
  readonly region: string;
  /** Absolute. A service keeps its files in the folder of its own name, for example `s3/`. */
  readonly dataDir: string;
  /** Control state of all services. A service owns the tables that begin with its name, for example `sqs_messages`. */
  readonly database: DatabaseSync;
  /** One SQLite transaction; nested calls join the outer one. A throw rolls back. */
  transaction<T>(work: () => T): T;
  readonly clock: Clock;
  readonly log: Log;
  readonly processes: ProcessSupervisor;
  readonly credentials: Credentials;
  /** Base address of the endpoint, for example `http://127.0.0.1:4566`; known once it listens. */
  endpoint(): string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** One line of the cloud's own log. Never carries a secret. */
export type Log = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** Child processes that cannot outlive this one, even when it is killed with SIGKILL. */
export interface ProcessSupervisor {
  /** Starts a child as leader of a process group of its own. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): SupervisedProcess;
}

export interface SupervisedProcess {
  readonly child: ChildProcess;
  /** Sends a signal to the whole group: the child and whatever it started. */
  killGroup(signal: NodeJS.Signals): void;
  /** Resolves when the child has exited and been reaped. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}
