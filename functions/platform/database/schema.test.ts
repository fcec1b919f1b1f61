import { sql } from "drizzle-orm";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDatabase, type TestDatabase } from "../testing/database.ts";
import * as schema from "./schema.ts";

const tables: readonly PgTable[] = Object.values(schema);

describe("the schema", () => {
  let started: TestDatabase;

  beforeAll(async () => {
    started = await startDatabase();
  });
  afterAll(() => started[Symbol.asyncDispose]());

  const rows = async (query: ReturnType<typeof sql>) => {
    const result: unknown = await started.database.execute(query);
    if (typeof result === "object" && result && "rows" in result) return result.rows;
    throw new Error("The driver answered no rows.");
  };

  it("names every table that the migrations make", async () => {
    // Act
    const made = await rows(sql`
      SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_name <> 'schema_migrations' ORDER BY 1`);

    // Assess
    const named = tables.map((table) => ({ name: getTableConfig(table).name }));
    expect(made).toEqual(named.sort((a, b) => a.name.localeCompare(b.name)));
  });

  it.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
    "agrees with the migrations on the columns of %s",
    async (name, table) => {
      // Act
      const made = await rows(sql`
        SELECT column_name AS name, data_type AS type, is_nullable = 'NO' AS required,
               column_default IS NOT NULL AS "hasDefault"
        FROM information_schema.columns WHERE table_name = ${name} ORDER BY ordinal_position`);

      // Assess
      const expected = getTableConfig(table).columns.map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        required: column.notNull,
        hasDefault: column.hasDefault,
      }));
      expect(made).toEqual(expected);
    },
  );
});
