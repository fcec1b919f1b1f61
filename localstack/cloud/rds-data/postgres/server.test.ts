import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestContext, type TestContext } from "../../testing.ts";
import type { ServerAddress } from "./address.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { chooseRunAs } from "./run-as.ts";
import { startEmbeddedServer } from "./server.ts";

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

describe("the embedded PostgreSQL, one start after the other over the same files", () => {
  let parent: string;
  let dataDir: string;
  let context: TestContext;
  beforeAll(() => {
    // mkdtemp makes the parent 0700, so that an unprivileged user cannot pass it.
    parent = mkdtempSync(path.join(tmpdir(), "postgres-test-"));
    dataDir = path.join(parent, "cloud");
    // What a kill while the files were made would leave.
    mkdirSync(path.join(dataDir, "postgres/data.unfinished/base"), { recursive: true });
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  beforeEach(async () => {
    context = await createTestContext({ dataDir });
  });
  afterEach(() => context.dispose());

  it("makes its files below a directory that only we may enter, after a try that was killed", async () => {
    // Act
    const server = await startEmbeddedServer(context);

    // Assess
    expect(await query(server.address, "SHOW fsync")).toEqual(["on"]);
    expect(await query(server.address, "SHOW listen_addresses")).toEqual([""]);
    await query(server.address, "CREATE TABLE kept AS SELECT 7 AS x");
    await server.stop();
  });

  it("starts again within a second, with what it was given", async () => {
    // Act
    const begin = performance.now();
    const server = await startEmbeddedServer(context);
    const elapsedMs = performance.now() - begin;

    // Assess: a busy machine is allowed for; alone it takes a tenth of a second.
    expect(elapsedMs).toBeLessThan(3_000);
    expect(await query(server.address, "SELECT x FROM kept")).toEqual([7]);
    await server.stop();
  });

  it("asks for a password even on its private socket", async () => {
    const server = await startEmbeddedServer(context);
    await expect(query({ ...server.address, password: "wrong" }, "SELECT 1")).rejects.toThrow(
      /password authentication failed/,
    );
    await server.stop();
  });

  it("keeps what was accepted through kill -9, and is not hindered by what that leaves", async () => {
    // Prepare: another process that runs the server, inserts, and is in the middle of a statement.
    await context.dispose();
    const host = await startHost(dataDir);

    // Act
    host.kill("SIGKILL");
    await once(host, "exit");
    expect(existsSync(path.join(dataDir, "postgres/data/postmaster.pid"))).toBe(true);
    context = await createTestContext({ dataDir });
    const server = await startEmbeddedServer(context);

    // Assess
    expect(await query(server.address, "SELECT x FROM accepted")).toEqual([9]);
    await server.stop();
  });

  it("starts although the process id in a stale postmaster.pid belongs to somebody else now", async () => {
    // Prepare
    const pidFile = path.join(dataDir, "postgres/data/postmaster.pid");
    writeFileSync(pidFile, `${process.pid}\n${dataDir}\n0\n5432\n\n\n  1 1\nready   \n`);

    // Act
    const server = await startEmbeddedServer(context);

    // Assess
    expect(await query(server.address, "SELECT x FROM kept")).toEqual([7]);
    await server.stop();
  });

  it("says in one sentence that its files are of another version", async () => {
    writeFileSync(path.join(dataDir, "postgres/data/PG_VERSION"), "15\n");
    await expect(startEmbeddedServer(context)).rejects.toMatchObject({
      name: "StartError",
      code: "postgres-version",
    });
  });
});

/** A process that serves, has a row accepted, and is in the middle of a statement that never ends. */
async function startHost(dataDir: string): Promise<ChildProcess> {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const host = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `const { createTestContext } = await import(${module("../../testing.ts")});
       const { startEmbeddedServer } = await import(${module("./server.ts")});
       const { Client } = await import(${JSON.stringify(import.meta.resolve("pg"))});
       const context = await createTestContext({ dataDir: process.argv[1] });
       const { address } = await startEmbeddedServer(context);
       const client = new Client({ ...address, ssl: false });
       await client.connect();
       await client.query("CREATE TABLE accepted AS SELECT 9 AS x");
       void client.query("DO $$ BEGIN LOOP END LOOP; END $$");
       console.log("busy");`,
      dataDir,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(createInterface(host.stdout), "line");
  return host;
}

describe.runIf(process.getuid?.() === 0)("as root", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), "postgres-test-"));
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  /** The server's program somewhere else; its libraries stay where they are. */
  const binariesIn = (directory: string) => {
    const original = findPostgresBinaries();
    const postgres = path.join(directory, "bin/postgres");
    mkdirSync(path.dirname(postgres));
    copyFileSync(original.postgres, postgres);
    for (const name of ["lib", "share"])
      symlinkSync(path.join(original.directory, name), path.join(directory, name));
    return { directory, postgres };
  };

  it("runs a program that lies below a directory that only root may enter", async () => {
    // Prepare
    const binaries = binariesIn(parent);

    // Act
    const runAs = await chooseRunAs({ directory: parent, binaries });

    // Assess: it finds itself, and then misses nothing but its files.
    const [command, args] = runAs.command(binaries.postgres, ["-D", path.join(parent, "none")]);
    const started = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    const [said] = await Promise.all([text(started.stderr), once(started, "exit")]);
    expect(said).toContain("could not access directory");
    expect(runAs.owner?.uid).toBeGreaterThan(0);
  });

  it("keeps no right of root's where the way is open", async () => {
    // Prepare
    chmodSync(parent, 0o755);

    // Act
    const runAs = await chooseRunAs({ directory: parent, binaries: binariesIn(parent) });

    // Assess
    expect(runAs.command("postgres", [])[1].join(" ")).not.toContain("dac_override");
  });

  it("runs as the owner of files that are there already", async () => {
    chmodSync(parent, 0o755);
    const existingOwner = { uid: 12_345, gid: 12_345 };
    const runAs = await chooseRunAs({
      directory: parent,
      existingOwner,
      binaries: binariesIn(parent),
    });
    expect(runAs.owner).toEqual(existingOwner);
  });
});
