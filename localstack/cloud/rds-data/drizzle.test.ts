import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/aws-data-api/pg";
import {
  bigint,
  boolean,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startDataApi, type TestDataApi } from "./testing.ts";

const things = pgTable("things", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  size: bigint("size", { mode: "number" }).notNull(),
  count: integer("count").notNull().default(0),
  ready: boolean("ready").notNull().default(false),
  detail: jsonb("detail").$type<{ tags: string[] }>(),
  tags: text("tags").array(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
});
const id = "6f1c6f2e-0000-4000-8000-000000000001";

let api: TestDataApi;
const open = () =>
  drizzle(api.client, {
    resourceArn: api.resourceArn,
    secretArn: api.secretArn,
    database: "app",
    schema: { things },
  });

beforeAll(async () => {
  api = await startDataApi();
  await open().execute(sql`
    CREATE TABLE things (id uuid PRIMARY KEY, name text NOT NULL, size bigint NOT NULL,
      count integer NOT NULL DEFAULT 0, ready boolean NOT NULL DEFAULT false, detail jsonb, tags text[],
      created_at timestamptz NOT NULL DEFAULT now())`);
});
afterAll(() => api[Symbol.asyncDispose]());

it("drizzle writes and reads every kind of column, transactions and savepoints", async () => {
  // Prepare
  const database = open();
  const createdAt = new Date("2026-11-23T18:00:00.123Z");

  // Act
  await database.transaction(async (outer) => {
    await outer.insert(things).values({
      id,
      name: "it's",
      size: 5_000_000_000,
      detail: { tags: ["a"] },
      tags: ["x", 'y"z'],
      createdAt,
    });
    await outer
      .transaction(async (inner) => {
        await inner.update(things).set({ name: "lost" }).where(eq(things.id, id));
        throw new Error("undo the inner one");
      })
      .catch(() => {});
    await outer
      .update(things)
      .set({ count: sql`${things.count} + ${2}` })
      .where(eq(things.id, id));
  });

  // Assess
  expect(await database.select().from(things)).toEqual([
    {
      id,
      name: "it's",
      size: 5_000_000_000,
      count: 2,
      ready: false,
      detail: { tags: ["a"] },
      tags: ["x", 'y"z'],
      createdAt,
    },
  ]);
  expect(await database.query.things.findFirst({ columns: { name: true } })).toEqual({
    name: "it's",
  });
  const { rows } = await database.execute(sql`SELECT name, size FROM things`);
  expect(rows).toEqual([{ name: "it's", size: 5_000_000_000 }]);
});
