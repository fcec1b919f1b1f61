import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  RollbackTransactionCommand,
  type SqlParameter,
} from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { putCluster, startDataApi, type TestDataApi } from "./testing.ts";

describe("the RDS Data API", () => {
  const clock = new ManualClock();
  let api: TestDataApi;

  beforeAll(async () => {
    api = await startDataApi({ clock });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  type Extra = Partial<ExecuteStatementCommandInput>;
  const execute = (sql: string, parameters: SqlParameter[] = [], extra: Extra = {}) =>
    api.client.send(
      new ExecuteStatementCommand({
        resourceArn: api.resourceArn,
        secretArn: api.secretArn,
        sql,
        parameters,
        ...extra,
      }),
    );
  const firstRow = async (sql: string, parameters: SqlParameter[] = [], extra: Extra = {}) =>
    (await execute(sql, parameters, extra)).records?.[0];
  const target = () => ({ resourceArn: api.resourceArn, secretArn: api.secretArn });
  const begin = async () =>
    (await api.client.send(new BeginTransactionCommand(target()))).transactionId ?? "";
  const commit = (transactionId: string) =>
    api.client.send(new CommitTransactionCommand({ ...target(), transactionId }));
  const rollback = (transactionId: string) =>
    api.client.send(new RollbackTransactionCommand({ ...target(), transactionId }));

  describe("results", () => {
    it.each<[string, Field]>([
      ["true", { booleanValue: true }],
      ["1::int2", { longValue: 1 }],
      ["(-2147483648)::int4", { longValue: -2147483648 }],
      ["9007199254740991::int8", { longValue: 9007199254740991 }],
      ["1.5::float4", { doubleValue: 1.5 }],
      ["1.50::numeric", { stringValue: "1.50" }],
      ["'a'::text", { stringValue: "a" }],
      ["'ä '::varchar(9)", { stringValue: "ä " }],
      ["'{\"a\": [1]}'::jsonb", { stringValue: '{"a": [1]}' }],
      [
        "'6F1C6F2E-0000-4000-8000-000000000001'::uuid",
        { stringValue: "6f1c6f2e-0000-4000-8000-000000000001" },
      ],
      [
        "'2026-11-23 18:00:00.123456+02'::timestamptz",
        { stringValue: "2026-11-23 16:00:00.123456" },
      ],
      ["'2026-11-23 18:00:00'::timestamp", { stringValue: "2026-11-23 18:00:00" }],
      ["'2026-11-23'::date", { stringValue: "2026-11-23" }],
      ["'\\x00ff'::bytea", { blobValue: new Uint8Array([0, 255]) }],
      ["null::int", { isNull: true }],
      ["ARRAY[1,null,3]", { arrayValue: { longValues: [1, null, 3] as number[] } }],
      [
        "ARRAY['a\"b',null,'NULL']",
        { arrayValue: { stringValues: ['a"b', null, "NULL"] as string[] } },
      ],
      ["ARRAY[true,false]", { arrayValue: { booleanValues: [true, false] } }],
      ["ARRAY[0.5,2]::float8[]", { arrayValue: { doubleValues: [0.5, 2] } }],
      ["ARRAY[0.5,2]::numeric[]", { arrayValue: { stringValues: ["0.5", "2"] } }],
      ["'{}'::int[]", { arrayValue: { longValues: [] } }],
    ])("%s comes as %j", async (expression, field) => {
      expect(await firstRow(`SELECT ${expression}`)).toEqual([field]);
    });

    it("writes a bigint in all its digits, whatever the reader makes of them", async () => {
      const { formattedRecords } = await execute(
        "SELECT 9223372036854775807::int8 AS n, '{1,2}'::int[] AS a, 'x' AS t, NULL AS nothing",
        [],
        { formatRecordsAs: "JSON" },
      );
      expect(formattedRecords).toBe('[{"n":9223372036854775807,"a":[1,2],"t":"x","nothing":null}]');
    });

    it("reads numbers as the caller asks", async () => {
      const row = await firstRow("SELECT 1.5::numeric, 2::numeric, 3::int8", [], {
        resultSetOptions: { decimalReturnType: "DOUBLE_OR_LONG", longReturnType: "STRING" },
      });
      expect(row).toEqual([{ doubleValue: 1.5 }, { longValue: 2 }, { stringValue: "3" }]);
    });

    it("refuses an array of arrays", async () => {
      await expect(execute("SELECT ARRAY[[1],[2]]")).rejects.toMatchObject({
        name: "UnsupportedResultException",
      });
    });

    it("describes columns when asked", async () => {
      await execute(
        "CREATE TABLE described (id bigint GENERATED ALWAYS AS IDENTITY, price numeric(10,2) NOT NULL, tags text[])",
      );
      const { columnMetadata } = await execute(
        "SELECT id, price AS cost, tags, 1 AS one FROM described",
        [],
        { includeResultMetadata: true },
      );
      expect(columnMetadata).toMatchObject([
        {
          name: "id",
          typeName: "int8",
          type: -5,
          nullable: 0,
          isAutoIncrement: true,
          isSigned: true,
        },
        {
          label: "cost",
          typeName: "numeric",
          precision: 10,
          scale: 2,
          tableName: "described",
          schemaName: "public",
          nullable: 0,
        },
        { name: "tags", typeName: "_text", type: 2003, arrayBaseColumnType: 12, nullable: 1 },
        { name: "one", typeName: "int4", tableName: "", nullable: 2 },
      ]);
    });

    it("knows enums, and arrays of them, made a moment ago", async () => {
      await execute("CREATE TYPE mood AS ENUM ('calm', 'wild')");
      expect(await firstRow("SELECT 'calm'::mood, ARRAY['wild','calm']::mood[]")).toEqual([
        { stringValue: "calm" },
        { arrayValue: { stringValues: ["wild", "calm"] } },
      ]);
    });

    it("counts the records of a statement that returns none", async () => {
      await execute("CREATE TABLE counted (x int)");
      const inserted = await execute("INSERT INTO counted SELECT generate_series(1, 3)");
      expect(inserted).toMatchObject({ numberOfRecordsUpdated: 3, generatedFields: [] });
      expect(inserted.records).toBeUndefined();
      const none = await execute("SELECT * FROM counted WHERE x > 9");
      expect(none).toMatchObject({ numberOfRecordsUpdated: 0, records: [] });
    });
  });

  describe("parameters", () => {
    const long = (name: string, longValue: number): SqlParameter => ({
      name,
      value: { longValue },
    });
    const string = (
      name: string,
      stringValue: string,
      typeHint?: SqlParameter["typeHint"],
    ): SqlParameter => ({ name, value: { stringValue }, ...(typeHint ? { typeHint } : {}) });

    it("go in by name, as often as they are named", async () => {
      expect(
        await firstRow("SELECT :a + :b, :a", [long("a", 1), long("b", 2), long("unused", 3)]),
      ).toEqual([{ longValue: 3 }, { longValue: 1 }]);
    });

    it("carry every kind of value", async () => {
      await execute(
        "CREATE TABLE kinds (i int, f float8, b bool, t text, z bytea, u uuid, j jsonb, n numeric, d date, c time, s timestamptz, o text)",
      );
      await execute("INSERT INTO kinds VALUES (:i, :f, :b, :t, :z, :u, :j, :n, :d, :c, :s, :o)", [
        long("i", 7),
        { name: "f", value: { doubleValue: 0.1 } },
        { name: "b", value: { booleanValue: false } },
        string("t", "it's :x $1"),
        { name: "z", value: { blobValue: new Uint8Array([1, 2, 0]) } },
        string("u", "6f1c6f2e-0000-4000-8000-000000000001", "UUID"),
        string("j", '{"a":1}', "JSON"),
        string("n", "12.50", "DECIMAL"),
        string("d", "2026-11-23", "DATE"),
        string("c", "18:00:00", "TIME"),
        string("s", "2026-11-23 18:00:00.5", "TIMESTAMP"),
        { name: "o", value: { isNull: true } },
      ]);
      expect(await firstRow("SELECT * FROM kinds")).toEqual([
        { longValue: 7 },
        { doubleValue: 0.1 },
        { booleanValue: false },
        { stringValue: "it's :x $1" },
        { blobValue: new Uint8Array([1, 2, 0]) },
        { stringValue: "6f1c6f2e-0000-4000-8000-000000000001" },
        { stringValue: '{"a": 1}' },
        { stringValue: "12.50" },
        { stringValue: "2026-11-23" },
        { stringValue: "18:00:00" },
        { stringValue: "2026-11-23 18:00:00.5" },
        { isNull: true },
      ]);
    });

    it("are never part of the SQL", async () => {
      const attack = "'; DROP TABLE kinds; --";
      expect(await firstRow("SELECT :x", [string("x", attack)])).toEqual([{ stringValue: attack }]);
    });

    it.each<[string, SqlParameter[], string, RegExp]>([
      ["SELECT :missing", [], "BadRequestException", /Cannot find parameter: missing/],
      [
        "SELECT :a",
        [long("a", 1), long("a", 2)],
        "BadRequestException",
        /"a" is given more than once/,
      ],
      [
        "SELECT :a",
        [{ name: "a", value: { arrayValue: { longValues: [1] } } }],
        "BadRequestException",
        /array parameters are not supported/,
      ],
      [
        "SELECT :a",
        [string("a", "2026-11-23T18:00:00Z", "TIMESTAMP")],
        "BadRequestException",
        /YYYY-MM-DD HH:MM:SS/,
      ],
      [
        "SELECT 1 WHERE gen_random_uuid() = :a",
        [string("a", "6f1c6f2e-0000-4000-8000-000000000001")],
        "DatabaseErrorException",
        /uuid = text.*SQLState: 42883/,
      ],
    ])("%s is refused as on AWS", async (sql, parameters, name, message) => {
      await expect(execute(sql, parameters)).rejects.toMatchObject({
        name,
        message: expect.stringMatching(message),
      });
    });
  });

  describe("errors", () => {
    it("carry PostgreSQL's message, the place in the statement as sent, and the SQLSTATE", async () => {
      await expect(
        execute("SELECT :a, nonsense", [{ name: "a", value: { stringValue: "x" } }]),
      ).rejects.toMatchObject({
        name: "DatabaseErrorException",
        message: 'ERROR: column "nonsense" does not exist; Position: 12; SQLState: 42703',
      });
      await execute("CREATE TABLE once (x int PRIMARY KEY)");
      await execute("INSERT INTO once VALUES (1)");
      await expect(execute("INSERT INTO once VALUES (1)")).rejects.toMatchObject({
        message:
          'ERROR: duplicate key value violates unique constraint "once_pkey"; SQLState: 23505',
      });
    });

    it("name what is wrong with the target", async () => {
      const other = "arn:aws:rds:us-east-1:000000000000:cluster:other";
      await expect(execute("SELECT 1", [], { resourceArn: other })).rejects.toMatchObject({
        name: "DatabaseNotFoundException",
      });
      await expect(
        execute("SELECT 1", [], { secretArn: `${api.secretArn}x` }),
      ).rejects.toMatchObject({ name: "SecretsErrorException" });
      await expect(execute("SELECT 1", [], { database: "absent" })).rejects.toMatchObject({
        message: 'FATAL: database "absent" does not exist; SQLState: 3D000',
      });
      await expect(execute("SELECT 1", [], { schema: "public" })).rejects.toMatchObject({
        name: "ValidationException",
      });
    });

    it("tell a wrong password without repeating it", async () => {
      api.secrets.set(`${api.secretArn}-wrong`, '{"username":"app_user","password":"hunter2"}');
      const error: unknown = await execute("SELECT 1", [], {
        secretArn: `${api.secretArn}-wrong`,
      }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ message: expect.stringMatching(/SQLState: 28P01/) });
      expect(String(error)).not.toContain("hunter2");
    });

    it("refuse several statements in one", async () => {
      await expect(execute("SELECT 1; SELECT 2")).rejects.toMatchObject({
        name: "ValidationException",
        message: "Multistatements aren't supported.",
      });
    });

    it("refuse a cluster without the HTTP endpoint", async () => {
      const { attributes } = await putCluster(api.service, { DatabaseName: "closed" }, "Closed");
      await expect(
        execute("SELECT 1", [], { resourceArn: attributes.DBClusterArn ?? "" }),
      ).rejects.toMatchObject({ name: "HttpEndpointNotEnabledException" });
    });
  });

  describe("limits", () => {
    it("an answer over 1 MiB, or a row over 64 KB, is refused", async () => {
      await expect(
        execute("SELECT repeat('x', 60000), generate_series(1, 1000000000)"),
      ).rejects.toMatchObject({
        name: "UnsupportedResultException",
        message: "Database returned more than the allowed response size limit",
      });
      await expect(execute("SELECT repeat('x', 65537)")).rejects.toMatchObject({
        name: "UnsupportedResultException",
      });
      await runningStatements("generate_series(1, 1000000000)", 0);
    });

    it("a request over 4 MiB is refused", async () => {
      await expect(
        execute("SELECT :x", [{ name: "x", value: { stringValue: "x".repeat(4 << 20) } }]),
      ).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
    });

    it("a statement over 45 seconds is ended, and its connection serves again", async () => {
      // Prepare
      const slow = execute("SELECT pg_sleep(600)::text").catch((error: unknown) => error);
      await runningStatements("pg_sleep(600)", 1);

      // Act
      clock.advance(45_000);

      // Assess
      expect(await slow).toMatchObject({ name: "StatementTimeoutException" });
      await runningStatements("pg_sleep(600)", 0);
      expect(await firstRow("SELECT 1")).toEqual([{ longValue: 1 }]);
    });

    it("with continueAfterTimeout the statement goes on", async () => {
      // Prepare
      await execute("CREATE TABLE later (x int)");
      const holder = await begin();
      await execute("LOCK TABLE later", [], { transactionId: holder });
      const slow = execute("INSERT INTO later VALUES (1)", [], {
        continueAfterTimeout: true,
      }).catch((error: unknown) => error);
      await runningStatements("INSERT INTO later", 1);

      // Act
      clock.advance(45_000);
      expect(await slow).toMatchObject({ name: "StatementTimeoutException" });
      await rollback(holder);

      // Assess
      await runningStatements("INSERT INTO later", 0);
      expect(await firstRow("SELECT count(*) FROM later")).toEqual([{ longValue: 1 }]);
    });
  });

  /** Waits until so many connections are at a statement that contains `text`. */
  const runningStatements = (text: string, count: number) =>
    expect
      .poll(
        () =>
          firstRow(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND strpos(query, :text) > 0",
            [{ name: "text", value: { stringValue: text } }],
          ),
        { timeout: 10_000, interval: 10 },
      )
      .toEqual([{ longValue: count }]);

  describe("transactions", () => {
    beforeAll(() => execute("CREATE TABLE kept (x int PRIMARY KEY)"));
    const insert = (x: number, transactionId: string) =>
      execute(`INSERT INTO kept VALUES (${x})`, [], { transactionId });
    const stored = async () =>
      (await execute("SELECT x FROM kept ORDER BY x")).records?.map((row) => row[0]?.longValue);

    it("stand open side by side, and end each by itself", async () => {
      const ids = await Promise.all(Array.from({ length: 30 }, begin));
      expect(new Set(ids).size).toBe(30);
      await Promise.all(ids.map((id, index) => insert(index, id)));
      expect(await stored()).toEqual([]);
      await Promise.all(ids.map((id, index) => (index < 2 ? commit(id) : rollback(id))));
      expect(await stored()).toEqual([0, 1]);
    });

    it("are gone once ended", async () => {
      const id = await begin();
      await expect(commit(id)).resolves.toMatchObject({
        transactionStatus: "Transaction Committed",
      });
      await expect(insert(90, id)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
      await expect(rollback(id)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
    });

    it("end after three minutes without a call, not before", async () => {
      const id = await begin();
      await insert(91, id);
      clock.advance(179_000);
      await insert(92, id);
      clock.advance(180_000);
      await expect(commit(id)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
      expect(await stored()).not.toContain(91);
    });

    it("fail whole: after an error nothing is committed, and commit says so", async () => {
      const id = await begin();
      await insert(93, id);
      await expect(insert(93, id)).rejects.toThrow("23505");
      await expect(insert(94, id)).rejects.toThrow("25P02");
      await expect(commit(id)).rejects.toThrow("25P02");
      expect(await stored()).not.toContain(93);
    });

    it("can go on after an error from a savepoint", async () => {
      const id = await begin();
      const run = (sql: string) => execute(sql, [], { transactionId: id });
      await insert(95, id);
      await run("SAVEPOINT s");
      await expect(insert(95, id)).rejects.toThrow("23505");
      await run("ROLLBACK TO SAVEPOINT s");
      await commit(id);
      expect(await stored()).toContain(95);
    });

    it("run one statement at a time", async () => {
      // Prepare
      const id = await begin();
      const slow = execute("SELECT pg_sleep(600)::text /* one */", [], { transactionId: id }).catch(
        (error: unknown) => error,
      );
      await runningStatements("/* one */", 1);

      // Act, assess
      await expect(insert(96, id)).rejects.toThrow("Transaction is still running a query");
      clock.advance(45_000);
      await slow;
    });

    it("leave no setting behind for the next caller", async () => {
      await execute("SET search_path TO nowhere");
      const shown = await Promise.all(
        Array.from({ length: 10 }, () => firstRow("SHOW search_path")),
      );
      expect(shown).toEqual(Array.from({ length: 10 }, () => [{ stringValue: '"$user", public' }]));
    });

    it("BEGIN sent as a statement leaves no transaction open", async () => {
      await execute("BEGIN");
      await Promise.all(
        Array.from({ length: 10 }, (_, x) => execute(`INSERT INTO kept VALUES (${200 + x})`)),
      );
      expect(await stored()).toEqual(expect.arrayContaining([200, 209]));
      expect(
        await firstRow("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"),
      ).toEqual([{ longValue: 0 }]);
    });
  });

  describe("batches", () => {
    beforeAll(() => execute("CREATE TABLE batched (x int PRIMARY KEY)"));
    const batch = (values: number[]) =>
      api.client.send(
        new BatchExecuteStatementCommand({
          ...target(),
          sql: "INSERT INTO batched VALUES (:x)",
          parameterSets: values.map((longValue) => [{ name: "x", value: { longValue } }]),
        }),
      );

    it("run the statement once for each set", async () => {
      const { updateResults } = await batch([1, 2, 3]);
      expect(updateResults).toHaveLength(3);
      expect(await firstRow("SELECT sum(x) FROM batched")).toEqual([{ longValue: 6 }]);
    });

    it("are whole or nothing", async () => {
      await expect(batch([4, 5, 4])).rejects.toThrow("23505");
      expect(await firstRow("SELECT sum(x) FROM batched")).toEqual([{ longValue: 6 }]);
    });
  });

  it("the master user is no superuser", async () => {
    await expect(execute("SELECT pg_read_file('/etc/passwd')")).rejects.toThrow("42501");
  });
});
