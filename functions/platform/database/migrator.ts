import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import type { Database } from "./database.ts";
import { splitStatements } from "./sql-statements.ts";
import { inTransaction } from "./transaction.ts";

export interface Migration {
  /** Sorts in the order of application, for example `0001_videos`. */
  readonly id: string;
  /** One or more statements. */
  readonly sql: string;
}

/** The database and this code do not belong together. The message says what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const schemaMigrations = pgTable("schema_migrations", {
  id: text("id").primaryKey(),
  checksum: text("checksum").notNull(),
});

const createTable = sql`
  CREATE TABLE IF NOT EXISTS schema_migrations (
    id         text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

/**
 * Held to the end of the transaction. Cast, because the Data API has no field for `void`.
 * The number is arbitrary and only has to be the same in every version.
 */
const takeLock = sql`SELECT pg_advisory_xact_lock(7236841)::text`;

const checksumOf = (migration: Migration) =>
  createHash("sha256").update(migration.sql).digest("hex");

/**
 * Applies what is missing, each migration in a transaction of its own, one caller at a time.
 *
 * @returns the ids applied by this call
 * @throws MigrationError when an applied migration was edited, or the database is newer than the code
 */
export const migrate = async (
  database: Database,
  migrations: readonly Migration[],
): Promise<string[]> => {
  const applied: string[] = [];
  for (;;) {
    const id = await inTransaction(database, async (transaction) => {
      await transaction.execute(takeLock);
      await transaction.execute(createTable);
      const records = await transaction.select().from(schemaMigrations);
      const next = nextMigration(migrations, records);
      if (!next) return undefined;
      for (const statement of splitStatements(next.sql)) {
        await transaction.execute(sql.raw(statement));
      }
      await transaction
        .insert(schemaMigrations)
        .values({ id: next.id, checksum: checksumOf(next) });
      return next.id;
    });
    if (id === undefined) return applied;
    applied.push(id);
  }
};

const nextMigration = (
  migrations: readonly Migration[],
  records: readonly { readonly id: string; readonly checksum: string }[],
): Migration | undefined => {
  const known = new Set(migrations.map((migration) => migration.id));
  const newer = records.find((record) => !known.has(record.id));
  if (newer) {
    throw new MigrationError(
      `The database holds migration ${newer.id}, which this version does not know. Deploy the version that made it, or a later one.`,
    );
  }
  const checksums = new Map(records.map((record) => [record.id, record.checksum]));
  for (const migration of migrations) {
    const recorded = checksums.get(migration.id);
    if (recorded !== undefined && recorded !== checksumOf(migration)) {
      throw new MigrationError(
        `Migration ${migration.id} was edited after it had been applied. Restore it and put the change into a new migration.`,
      );
    }
  }
  return migrations.find((migration) => !checksums.has(migration.id));
};
