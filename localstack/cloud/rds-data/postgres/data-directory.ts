import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../../aws-error.ts";
import { embeddedMajorVersion, type PostgresBinaries } from "./binaries.ts";
import { chooseRunAs, type RunAs } from "./run-as.ts";

/** A PostgreSQL cluster on disk, ready to be served. */
export interface DataDirectory {
  /** What `postgres -D` is given. */
  readonly data: string;
  readonly superuserPassword: string;
  readonly runAs: RunAs;
}

/** Opens the cluster below `root`, making it the first time. */
export async function openDataDirectory(
  root: string,
  binaries: PostgresBinaries,
): Promise<DataDirectory> {
  const data = join(root, "data");
  const passwordFile = join(root, "superuser-password");
  const existing = statSync(data, { throwIfNoEntry: false });
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const runAs = await chooseRunAs({
    directory: root,
    ...(existing ? { existingOwner: { uid: existing.uid, gid: existing.gid } } : {}),
    binaries,
  });
  if (!existing) await initialize({ root, data, passwordFile, binaries, runAs });
  checkVersion(data);
  return { data, runAs, superuserPassword: readFileSync(passwordFile, "utf8") };
}

interface Initialization {
  readonly root: string;
  readonly data: string;
  readonly passwordFile: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
}

/** Made aside and renamed, so that a kill half-way leaves nothing that looks finished. */
async function initialize(work: Initialization): Promise<void> {
  const { root, data, passwordFile, binaries, runAs } = work;
  const unfinished = join(root, "data.unfinished");
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const handOver = join(unfinished, "..", "password.unfinished");
  writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  writeFileSync(handOver, readFileSync(passwordFile), { mode: 0o600 });
  if (runAs.owner) {
    chownSync(unfinished, runAs.owner.uid, runAs.owner.gid);
    chownSync(handOver, runAs.owner.uid, runAs.owner.gid);
  }
  const [command, args] = runAs.command(binaries.initdb, [
    ...["-D", unfinished, "-U", "postgres", "-E", "UTF8", "--locale=C"],
    ...["-A", "scram-sha-256", `--pwfile=${handOver}`, "--no-instructions"],
  ]);
  try {
    await promisify(execFile)(command, [...args], { env: { ...process.env, LC_ALL: "C" } });
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    const reason = stderr.split("\n").find((line) => line.includes("error:")) ?? stderr.trim();
    throw new StartError(
      "postgres-initdb",
      `PostgreSQL could not make its data directory in ${root}: ${reason.replace(/^.*error:\s*/, "")}. ` +
        "Choose another data directory, or give a PostgreSQL server with --database-url.",
    );
  } finally {
    rmSync(handOver, { force: true });
  }
  renameSync(unfinished, data);
}

function checkVersion(data: string): void {
  const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (Number(version) === embeddedMajorVersion) return;
  throw new StartError(
    "postgres-version",
    `The data directory ${data} was made by PostgreSQL ${version}, and this is ${embeddedMajorVersion}: ` +
      "dump it with the old version, or start with a new data directory.",
  );
}

/** Higher than any process id that Linux or macOS gives. */
const noProcess = 4_194_305;

/**
 * After kill -9 `postmaster.pid` stays, and PostgreSQL refuses to start if its process id belongs to
 * somebody else by now. Only the id is made harmless: PostgreSQL itself still checks, by the shared memory
 * that the file names, that no server process is left over.
 */
export function disarmStalePidFile(data: string): void {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const [, ...rest] = readFileSync(file, "utf8").split("\n");
  const { uid, gid } = statSync(file);
  writeFileSync(`${file}.disarmed`, [String(noProcess), ...rest].join("\n"), { mode: 0o600 });
  chownSync(`${file}.disarmed`, uid, gid);
  renameSync(`${file}.disarmed`, file);
}

/** A private directory for the socket, made anew at each start. */
export function makeSocketDirectory(directory: string, runAs: RunAs): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  if (runAs.owner) chownSync(directory, runAs.owner.uid, runAs.owner.gid);
}
