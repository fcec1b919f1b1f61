import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startPostgres, type TestDatabase } from "../testing/postgres.ts";
import { type Migration, migrate } from "./migrator.ts";

const first: Migration = { id: "0001_a", sql: "CREATE TABLE a (x int); INSERT INTO a VALUES (1);" };
const second: Migration = { id: "0002_b", sql: "INSERT INTO a VALUES (2);" };

describe("migrate", () => {
  let postgres: TestDatabase;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());
  afterEach(async () => {
    await postgres.database.execute(sql`DROP TABLE IF EXISTS a, schema_migrations`);
  });

  const countOfA = () => postgres.database.$count(sql`a`);

  it("applies what is missing, in order, and nothing twice", async () => {
    expect(await migrate(postgres.database, [first])).toEqual(["0001_a"]);
    expect(await migrate(postgres.database, [first, second])).toEqual(["0002_b"]);
    expect(await migrate(postgres.database, [first, second])).toEqual([]);
    expect(await countOfA()).toBe(2);
  });

  it("applies each once when several deployments run it together", async () => {
    // Act
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => migrate(postgres.database, [first, second])),
    );

    // Assess
    expect(answers.flat().sort()).toEqual(["0001_a", "0002_b"]);
    expect(await countOfA()).toBe(2);
  });

  it("leaves nothing of a migration that fails half-way", async () => {
    // Prepare
    await migrate(postgres.database, [first]);
    const broken: Migration = { id: "0002_b", sql: "INSERT INTO a VALUES (2); SELECT nonsense;" };

    // Act, assess
    await expect(migrate(postgres.database, [first, broken])).rejects.toThrow();
    expect(await countOfA()).toBe(1);
    expect(await migrate(postgres.database, [first, second])).toEqual(["0002_b"]);
  });

  it("refuses a migration that was edited after it had been applied", async () => {
    await migrate(postgres.database, [first]);
    const edited = { ...first, sql: `${first.sql} SELECT 1;` };
    await expect(migrate(postgres.database, [edited, second])).rejects.toThrow(/0001_a was edited/);
    expect(await countOfA()).toBe(1);
  });

  it("refuses a database that is newer than the code", async () => {
    await migrate(postgres.database, [first, second]);
    await expect(migrate(postgres.database, [first])).rejects.toThrow(/0002_b.*does not know/);
  });
});
