import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestContext } from "../../testing.ts";
import type { ServerAddress } from "./address.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { chooseRunAs } from "./run-as.ts";
import { startEmbeddedServer } from "./server.ts";

const asRoot = process.getuid?.() === 0;

async function query(address: ServerAddress, sql: string): Promise<unknown[]> {
  const client = new Client({ ...address, ssl: false });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows.flat();
  } finally {
    await client.end();
  }
}

describe("the embedded PostgreSQL", () => {
  let parent: string;
  let dataDir: string;
  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), "postgres-test-"));
    dataDir = path.join(parent, "cloud");
    mkdirSync(dataDir);
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it("serves below a directory that only we may enter, durably, and starts again within a second", async () => {
    // Prepare: mkdtemp made the parent 0700, so an unprivileged user could not pass it.
    const context = await createTestContext({ dataDir });
    const first = await startEmbeddedServer(context);
    expect(await query(first.address, "SHOW fsync")).toEqual(["on"]);
    expect(await query(first.address, "SHOW listen_addresses")).toEqual([""]);
    await query(first.address, "CREATE TABLE kept AS SELECT 7 AS x");
    await first.stop();

    // Act
    const begin = performance.now();
    const second = await startEmbeddedServer(context);
    const elapsedMs = performance.now() - begin;

    // Assess
    expect(await query(second.address, "SELECT x FROM kept")).toEqual([7]);
    expect(elapsedMs).toBeLessThan(1_000);
    await second.stop();
    await context.dispose();
  });

  it("asks for a password even on its private socket", async () => {
    const context = await createTestContext({ dataDir });
    const server = await startEmbeddedServer(context, { fsync: false });
    await expect(query({ ...server.address, password: "wrong" }, "SELECT 1")).rejects.toThrow(
      /password authentication failed/,
    );
    await server.stop();
    await context.dispose();
  });

  it("keeps what was accepted through kill -9, and is not hindered by what that leaves", async () => {
    // Prepare: another process that runs the server, inserts, and is in the middle of a statement.
    const host = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { createTestContext } = await import(${JSON.stringify(new URL("../../testing.ts", import.meta.url).href)});
         const { startEmbeddedServer } = await import(${JSON.stringify(new URL("./server.ts", import.meta.url).href)});
         const { default: pg } = await import(${JSON.stringify(import.meta.resolve("pg"))});
         const context = await createTestContext({ dataDir: process.argv[1] });
         const { address } = await startEmbeddedServer(context);
         const client = new pg.Client({ ...address, ssl: false });
         await client.connect();
         await client.query("CREATE TABLE kept AS SELECT 9 AS x");
         void client.query("DO $$ BEGIN LOOP END LOOP; END $$");
         console.log("busy");`,
        dataDir,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(createInterface(host.stdout), "line");

    // Act
    host.kill("SIGKILL");
    await once(host, "exit");
    expect(existsSync(path.join(dataDir, "postgres/data/postmaster.pid"))).toBe(true);
    const context = await createTestContext({ dataDir });
    const server = await startEmbeddedServer(context);

    // Assess
    expect(await query(server.address, "SELECT x FROM kept")).toEqual([9]);
    await server.stop();
    await context.dispose();
  });

  it("starts although the process id in a stale postmaster.pid belongs to somebody else now", async () => {
    // Prepare
    const context = await createTestContext({ dataDir });
    await (await startEmbeddedServer(context, { fsync: false })).stop();
    const pidFile = path.join(dataDir, "postgres/data/postmaster.pid");
    writeFileSync(pidFile, `${process.pid}\n${dataDir}\n0\n5432\n\n\n  1 1\nready   \n`);

    // Act
    const server = await startEmbeddedServer(context, { fsync: false });

    // Assess
    expect(await query(server.address, "SELECT 1")).toEqual([1]);
    await server.stop();
    await context.dispose();
  });

  it("begins anew when it was killed while it made its data directory", async () => {
    // Prepare
    mkdirSync(path.join(dataDir, "postgres/data.unfinished/base"), { recursive: true });
    const context = await createTestContext({ dataDir });

    // Act
    const server = await startEmbeddedServer(context, { fsync: false });

    // Assess
    expect(await query(server.address, "SELECT 1")).toEqual([1]);
    await server.stop();
    await context.dispose();
  });

  it("says in one sentence what is wrong with its data directory", async () => {
    // Prepare
    const context = await createTestContext({ dataDir });
    await (await startEmbeddedServer(context, { fsync: false })).stop();
    writeFileSync(path.join(dataDir, "postgres/data/PG_VERSION"), "15\n");

    // Act, assess
    await expect(startEmbeddedServer(context)).rejects.toMatchObject({
      name: "StartError",
      code: "postgres-version",
    });
    await context.dispose();
  });

  it.runIf(asRoot)(
    "runs binaries that lie below a directory that only root may enter",
    async () => {
      // Prepare
      const { directory } = findPostgresBinaries();
      const hidden = path.join(parent, "native");
      cpSync(directory, hidden, { recursive: true, verbatimSymlinks: true });
      chmodSync(parent, 0o700);
      const binaries = { directory: hidden, postgres: path.join(hidden, "bin/postgres") };

      // Act
      const runAs = await chooseRunAs({ directory: hidden, binaries });

      // Assess: chooseRunAs itself runs `postgres --version` as that user.
      expect(runAs.owner?.uid).toBeGreaterThan(0);
      expect(runAs.command("postgres", [])[1]).toContain("-all,+dac_override");
    },
  );

  it.runIf(asRoot)("keeps no right of root's where the way is open", async () => {
    // Prepare
    chmodSync(parent, 0o755);
    const { directory } = findPostgresBinaries();
    const open = path.join(parent, "native");
    cpSync(directory, open, { recursive: true, verbatimSymlinks: true });

    // Act
    const runAs = await chooseRunAs({
      directory: dataDir,
      binaries: { directory: open, postgres: path.join(open, "bin/postgres") },
    });

    // Assess
    expect(runAs.command("postgres", [])[1].join(" ")).not.toContain("dac_override");
  });
});
