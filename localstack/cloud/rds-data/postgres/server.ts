import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StartError } from "../../aws-error.ts";
import type { CloudContext, SupervisedProcess } from "../../context.ts";
import type { ServerAddress } from "./address.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { disarmStalePidFile, makeSocketDirectory, openDataDirectory } from "./data-directory.ts";

/** A PostgreSQL server that is accepting connections. */
export interface PostgresServer {
  readonly address: ServerAddress;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<unknown>;
  /** Finishes running statements' rollback and checkpoints; resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** For tests alone: gives up durability for speed. */
  readonly fsync?: boolean;
}

/** sun_path of sockaddr_un holds 104 bytes on macOS, 108 on Linux, and PostgreSQL adds a file name. */
const longestSocketDirectory = 80;
const port = 5432;
const readyWithinMs = 30_000;
const stopWithinMs = 10_000;

/**
 * Starts the PostgreSQL that npm installed, listening on nothing but a socket in a private directory.
 *
 * @throws StartError in one sentence: what keeps it from starting and what to do
 */
export async function startEmbeddedServer(
  context: Pick<CloudContext, "dataDir" | "processes" | "log">,
  options: EmbeddedServerOptions = {},
): Promise<PostgresServer> {
  const binaries = findPostgresBinaries();
  const root = join(context.dataDir, "postgres");
  const { data, runAs, superuserPassword } = await openDataDirectory(root, binaries);
  const socketDirectory = socketDirectoryFor(root);
  const [command, args] = runAs.command(binaries.postgres, [
    ...["-D", data, "-p", String(port), "-k", socketDirectory],
    ...settings({
      listen_addresses: "",
      max_connections: "150",
      // A statement whose caller is gone (this process, killed) ends itself instead of holding the files.
      client_connection_check_interval: "1s",
      timezone: "UTC",
      log_timezone: "UTC",
      fsync: options.fsync === false ? "off" : "on",
      ...(options.fsync === false
        ? { synchronous_commit: "off", full_page_writes: "off", max_wal_size: "64MB" }
        : {}),
    }),
  ]);

  const startAgainBefore = Date.now() + readyWithinMs;
  for (;;) {
    disarmStalePidFile(data);
    makeSocketDirectory(socketDirectory, runAs);
    const started = context.processes.spawn(command, args, {
      env: { PATH: process.env.PATH, LC_ALL: "C" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const outcome = await untilReady(started, data, context);
    if (outcome.ready) {
      context.log("info", "PostgreSQL is ready", { socketDirectory, pid: started.child.pid });
      return {
        address: {
          host: socketDirectory,
          port,
          user: "postgres",
          password: superuserPassword,
          database: "postgres",
        },
        exited: started.exited,
        stop: () => stop(started, socketDirectory),
      };
    }
    // A worker of the killed server before is on its way out (see client_connection_check_interval).
    const leftover = outcome.reason.includes("shared memory block");
    if (!leftover || Date.now() > startAgainBefore) throw failure(outcome.reason, context.dataDir);
    await delay(100);
  }
}

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function socketDirectoryFor(root: string): string {
  const beside = join(root, "socket");
  if (Buffer.byteLength(beside) <= longestSocketDirectory) return beside;
  const name = createHash("sha256").update(root).digest("hex").slice(0, 12);
  return join(tmpdir(), `postgres-${name}`);
}

type Outcome = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** Ready when the eighth line of postmaster.pid says so (PostgreSQL writes its state there). */
async function untilReady(
  started: SupervisedProcess,
  data: string,
  context: Pick<CloudContext, "log">,
): Promise<Outcome> {
  let lastReason = "it ended without a word";
  started.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n").filter(Boolean)) {
      const fatal = /(?:FATAL|PANIC): {2}(.*)/.exec(line)?.[1];
      if (fatal !== undefined) lastReason = fatal;
      context.log("debug", line, { process: "postgres" });
    }
  });
  let ended = false;
  void started.exited.then(() => {
    ended = true;
  });
  const giveUpAt = Date.now() + readyWithinMs;
  while (!ended && Date.now() < giveUpAt) {
    if (isReady(data, started.child.pid)) return { ready: true };
    await delay(10);
  }
  if (!ended) {
    lastReason = `it was not ready within ${readyWithinMs / 1000} s`;
    started.killGroup("SIGKILL");
    await started.exited;
  }
  return { ready: false, reason: lastReason };
}

function isReady(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    return lines[0] === String(pid) && lines[7]?.trim() === "ready";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function failure(reason: string, dataDir: string): StartError {
  return new StartError(
    "postgres-start",
    `PostgreSQL did not start in ${dataDir}: ${reason.replace(/\.$/, "")}. ` +
      "Mend that, choose another data directory, or give a PostgreSQL server with --database-url.",
  );
}

/** SIGINT is PostgreSQL's fast shutdown: it disconnects everybody and leaves the files clean. */
async function stop(started: SupervisedProcess, socketDirectory: string): Promise<void> {
  started.child.kill("SIGINT");
  const hurry = setTimeout(() => started.killGroup("SIGQUIT"), stopWithinMs);
  await started.exited;
  clearTimeout(hurry);
  rmSync(socketDirectory, { recursive: true, force: true });
}
