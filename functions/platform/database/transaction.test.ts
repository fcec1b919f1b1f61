import { eq, sql } from "drizzle-orm";
import { integer, pgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startEmptyDatabase, type TestDatabase } from "../testing/database.ts";
import { sqlStateOf, sqlStates } from "./sql-state.ts";
import { inTransaction } from "./transaction.ts";

const counters = pgTable("counters", { id: integer("id").primaryKey(), n: integer("n").notNull() });

describe("inTransaction", () => {
  let started: TestDatabase;

  beforeAll(async () => {
    started = await startEmptyDatabase();
    await started.database.execute(sql`CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL)`);
  });
  afterAll(() => started[Symbol.asyncDispose]());
  beforeEach(async () => {
    await started.database.delete(counters);
    await started.database.insert(counters).values([
      { id: 1, n: 0 },
      { id: 2, n: 0 },
    ]);
  });

  const values = async () =>
    (await started.database.select().from(counters).orderBy(counters.id)).map((row) => row.n);

  it("keeps all of the work", async () => {
    await inTransaction(started.database, async (transaction) => {
      await transaction.update(counters).set({ n: 1 }).where(eq(counters.id, 1));
      await transaction.update(counters).set({ n: 2 }).where(eq(counters.id, 2));
    });
    expect(await values()).toEqual([1, 2]);
  });

  it("keeps nothing of work that fails, and says why it failed", async () => {
    const work = inTransaction(started.database, async (transaction) => {
      await transaction.update(counters).set({ n: 1 });
      await transaction.insert(counters).values({ id: 1, n: 0 });
    });
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(sqlStateOf(error)).toBe(sqlStates.uniqueViolation);
    expect(await values()).toEqual([0, 0]);
  });

  it("runs the loser of a deadlock again", async () => {
    // Prepare: both hold one row before either asks for the other's.
    let holding = 0;
    let bothHold = () => {};
    const held = new Promise<void>((resolve) => {
      bothHold = resolve;
    });
    const add = (first: number, second: number) =>
      inTransaction(started.database, async (transaction) => {
        const increment = { n: sql`${counters.n} + 1` };
        await transaction.update(counters).set(increment).where(eq(counters.id, first));
        holding += 1;
        if (holding >= 2) bothHold();
        await held;
        await transaction.update(counters).set(increment).where(eq(counters.id, second));
      });

    // Act
    await Promise.all([add(1, 2), add(2, 1)]);

    // Assess
    expect(holding).toBeGreaterThan(2);
    expect(await values()).toEqual([2, 2]);
  });
});
