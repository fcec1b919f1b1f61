import { chmodSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "../aws-error.ts";
import { unwritable } from "./data-dir.ts";
import { createTransactions } from "./transaction.ts";

export interface State {
  readonly database: DatabaseSync;
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Raised when what is on disk can no longer be read by the version before. */
export const SCHEMA_VERSION = 1;

/**
 * Opens the control state of a data directory, making it when it is not there.
 *
 * @throws StartError `data-dir-newer` when a later version made it; `data-dir-unwritable`
 */
export function openState(dataDir: string): State {
  const file = path.join(dataDir, "state.sqlite");
  const database = openFile(dataDir, file);
  try {
    refuseNewer(database, dataDir);
    // NORMAL keeps every committed transaction through a kill of the process; only a loss of power
    // may take the last ones back, and never leaves half of one (https://sqlite.org/pragma.html#pragma_synchronous).
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA foreign_keys = ON;
      PRAGMA user_version = ${SCHEMA_VERSION};
      CREATE TABLE IF NOT EXISTS cloud_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    `);
  } catch (error) {
    database.close();
    throw error instanceof StartError ? error : unwritable(dataDir, error);
  }
  return {
    database,
    transaction: createTransactions(database),
    close: () => database.close(),
  };
}

function openFile(dataDir: string, file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: 5000 });
    // It holds secrets. SQLite gives its write-ahead log the same mode.
    chmodSync(file, 0o600);
    return database;
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

function refuseNewer(database: DatabaseSync, dataDir: string): void {
  const found = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (found <= SCHEMA_VERSION) return;
  throw new StartError(
    "data-dir-newer",
    `The data directory ${dataDir} was made by a newer version (schema ${found}, this one reads up to ` +
      `${SCHEMA_VERSION}). Update, or choose another data directory.`,
  );
}
