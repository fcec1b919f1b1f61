import { ExecuteStatementCommand } from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../clock.ts";
import { mountSmallDisk } from "../small-disk.ts";
import { startDataApi, type TestDataApi } from "./testing.ts";

const disk = mountSmallDisk(200);

describe.skipIf(!disk)("a database on a real disk that is full", () => {
  let api: TestDataApi;
  beforeAll(async () => {
    api = await startDataApi({ dataDir: disk?.directory ?? "", fsync: true, clock: systemClock });
    await execute("create table film (title text)");
    await execute("insert into film values ('accepted')");
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    disk?.remove();
  });

  const execute = async (sql: string) => {
    const { resourceArn, secretArn } = api;
    const input = { resourceArn, secretArn, database: "app", sql };
    const { records } = await api.client.send(new ExecuteStatementCommand(input));
    return records?.map(([field]) => field?.stringValue ?? field?.longValue);
  };

  test("refuses a row with PostgreSQL's reason, reads on, and takes rows once there is room", async () => {
    disk?.leave(0);
    const refused = execute(
      "insert into film select repeat('x', 1000) from generate_series(1, 5000)",
    );
    await expect(refused).rejects.toMatchObject({
      name: "DatabaseErrorException",
      message: expect.stringMatching(/No space left on device; SQLState: 53100$/),
    });
    expect(await execute("select title from film")).toEqual(["accepted"]);

    disk?.free();
    await execute("insert into film values ('after')");

    expect(await execute("select title from film order by title")).toEqual(["accepted", "after"]);
  });

  test("that cannot write its log is unavailable, and comes back with all it had accepted", async () => {
    disk?.leave(0);
    const write = "select pg_logical_emit_message(false, 'fill', repeat('x', 2000000))::text";
    const untilUnavailable = async () => {
      for (;;) await execute(write);
    };
    await expect(untilUnavailable()).rejects.toMatchObject({
      name: "DatabaseUnavailableException",
    });

    disk?.free();

    const titles = () => execute("select title from film order by title");
    await vi.waitFor(async () => expect(await titles()).toEqual(["accepted", "after"]), {
      timeout: 20_000,
      interval: 100,
    });
  });
});
