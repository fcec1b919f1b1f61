import { sql } from "drizzle-orm";
import { integer, pgTable } from "drizzle-orm/pg-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEmptyDatabase, type TestDatabase } from "../testing/database.ts";
import { type Migration, migrate } from "./migrator.ts";

const first: Migration = { id: "0001_a", sql: "CREATE TABLE a (x int); INSERT INTO a VALUES (1);" };
const second: Migration = { id: "0002_b", sql: "INSERT INTO a VALUES (2);" };

const tableA = pgTable("a", { x: integer("x") });

describe("migrate", () => {
  let started: TestDatabase;

  beforeAll(async () => {
    started = await startEmptyDatabase();
  });
  afterAll(() => started[Symbol.asyncDispose]());
  afterEach(async () => {
    await started.database.execute(sql`DROP TABLE IF EXISTS a, schema_migrations`);
  });

  const countOfA = async () => (await started.database.select().from(tableA)).length;

  it("applies what is missing, in order, and nothing twice", async () => {
    expect(await migrate(started.database, [first])).toEqual(["0001_a"]);
    expect(await migrate(started.database, [first, second])).toEqual(["0002_b"]);
    expect(await migrate(started.database, [first, second])).toEqual([]);
    expect(await countOfA()).toBe(2);
  });

  it("applies each once when several deployments run it together", async () => {
    // Act
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => migrate(started.database, [first, second])),
    );

    // Assess
    expect(answers.flat().sort()).toEqual(["0001_a", "0002_b"]);
    expect(await countOfA()).toBe(2);
  });

  it("leaves nothing of a migration that fails half-way", async () => {
    // Prepare
    await migrate(started.database, [first]);
    const broken: Migration = { id: "0002_b", sql: "INSERT INTO a VALUES (2); SELECT nonsense;" };

    // Act, assess
    await expect(migrate(started.database, [first, broken])).rejects.toThrow();
    expect(await countOfA()).toBe(1);
    expect(await migrate(started.database, [first, second])).toEqual(["0002_b"]);
  });

  it("refuses a migration that was edited after it had been applied", async () => {
    await migrate(started.database, [first]);
    const edited = { ...first, sql: `${first.sql} SELECT 1;` };
    await expect(migrate(started.database, [edited, second])).rejects.toThrow(/0001_a was edited/);
    expect(await countOfA()).toBe(1);
  });

  it("refuses a database that is newer than the code", async () => {
    await migrate(started.database, [first, second]);
    await expect(migrate(started.database, [first])).rejects.toThrow(/0002_b.*does not know/);
  });
});
