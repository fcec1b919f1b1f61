import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ExecuteStatementCommand } from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestContext, type TestContext } from "../testing.ts";
import { openExternalServer } from "./postgres/address.ts";
import { type PostgresServer, startEmbeddedServer } from "./postgres/server.ts";
import { putCluster, startDataApi, type TestDataApi, type TestDataApiOptions } from "./testing.ts";

const select = async (api: TestDataApi, sql: string) => {
  const { records } = await api.client.send(
    new ExecuteStatementCommand({ resourceArn: api.resourceArn, secretArn: api.secretArn, sql }),
  );
  return records?.[0]?.[0]?.stringValue;
};

/** Not `await using`: the check of imports cannot read it yet. */
const withDataApi = async (
  options: TestDataApiOptions,
  use: (api: TestDataApi) => Promise<unknown>,
) => {
  const api = await startDataApi(options);
  try {
    await use(api);
  } finally {
    await api[Symbol.asyncDispose]();
  }
};

it("a cluster keeps its rows when the cloud starts again, and when its server is killed", async () => {
  // Prepare
  const dataDir = mkdtempSync(path.join(tmpdir(), "clusters-"));
  await withDataApi({ dataDir }, (api) =>
    select(api, "CREATE TABLE kept AS SELECT 'here'::text AS x"),
  );

  // Act
  const api = await startDataApi({ dataDir });

  // Assess
  expect(await select(api, "SELECT x FROM kept")).toBe("here");

  // Act: the server is killed under the running cloud.
  const pidFile = readFileSync(path.join(dataDir, "postgres/data/postmaster.pid"), "utf8");
  process.kill(Number(pidFile.split("\n")[0]), "SIGKILL");

  // Assess
  await expect
    .poll(() => select(api, "SELECT x FROM kept").catch(() => "not yet"), { timeout: 20_000 })
    .toBe("here");
  await api[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("a server of somebody else's", () => {
  let context: TestContext;
  let server: PostgresServer;
  let databaseUrl: string;

  beforeAll(async () => {
    context = await createTestContext();
    server = await startEmbeddedServer(context, { fsync: false });
    const { host, port, user, password } = server.address;
    databaseUrl = `postgresql://${user}:${password}@${encodeURIComponent(host)}:${port}/postgres`;
  });
  afterAll(async () => {
    await server.stop();
    await context.dispose();
  });

  it("is given the cluster's role and database, and serves the Data API", async () => {
    await withDataApi({ databaseUrl }, async (api) => {
      expect(await select(api, "SELECT current_user || ' ' || current_database()")).toBe(
        "app_user app",
      );
    });
  });

  it("of another major version is refused in one sentence", async () => {
    await expect(openExternalServer(databaseUrl, 17)).rejects.toMatchObject({
      name: "StartError",
      code: "postgres-version",
      message: expect.stringMatching(/is PostgreSQL 18, and the stack asks for 17/),
    });
  });

  it.each([
    [
      "that nobody answers for",
      "postgresql://u:hunter2@127.0.0.1:1/x",
      "database-unreachable",
      /127\.0\.0\.1:1\) cannot be used: connect ECONNREFUSED/,
    ],
    ["that is none", "postgresql://[", "database-url", /write postgresql:\/\/USER/],
  ])("by an address %s is refused without showing the password", async (_, url, code, message) => {
    const error: unknown = await openExternalServer(url, 18).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("hunter2");
  });

  it("is asked for by a template of the same major version only", async () => {
    await withDataApi({ databaseUrl }, async (api) => {
      await expect(putCluster(api.service, { EngineVersion: "17.5" })).rejects.toMatchObject({
        code: "postgres-version",
      });
    });
  });

  it("holds one cluster for each database name", async () => {
    await withDataApi({ databaseUrl }, async (api) => {
      await expect(putCluster(api.service, {}, "Second")).rejects.toMatchObject({
        code: "database-name-taken",
      });
    });
  });
});
