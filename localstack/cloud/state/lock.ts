import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { StartError } from "../aws-error.ts";
import { unwritable } from "./data-dir.ts";

export interface DataDirLock {
  release(): void;
}

const ownerSchema = z.object({ pid: z.number().int().positive(), since: z.string() });

/**
 * Lets one process at a time use a data directory.
 *
 * The lock is the operating system's, held through SQLite: the kernel lets go of it when the holder
 * dies, however it dies, so there is no stale lock to recognize and no other process's id to guess at.
 * The file `owner.json` only says who holds it.
 *
 * @throws StartError `data-dir-in-use`, naming the process that holds the lock; `data-dir-unwritable`
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const lockFile = path.join(dataDir, "lock.sqlite");
  const ownerFile = path.join(dataDir, "owner.json");

  const database = openLockFile(dataDir, lockFile);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw unwritable(dataDir, error);
    throw new StartError(
      "data-dir-in-use",
      `The data directory ${dataDir} is in use by ${describeOwner(ownerFile)}. ` +
        "Stop that process, or choose another data directory.",
    );
  }
  writeFileSync(ownerFile, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }), {
    mode: 0o600,
  });

  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(ownerFile, { force: true });
      database.close();
    },
  };
}

function openLockFile(dataDir: string, lockFile: string): DatabaseSync {
  try {
    const database = new DatabaseSync(lockFile, { timeout: 0 });
    chmodSync(lockFile, 0o600);
    return database;
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

function describeOwner(ownerFile: string): string {
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(ownerFile, "utf8")));
    return `process ${owner.pid} (since ${owner.since})`;
  } catch {
    return "another process";
  }
}
