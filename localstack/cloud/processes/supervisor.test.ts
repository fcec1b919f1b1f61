import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeGroupJournal } from "./group-journal.ts";
import { startMark } from "./process-table.ts";
import { openSupervisor } from "./supervisor.ts";

const silent = () => {};
const sleeper = ["-e", "setInterval(() => {}, 1e6)"];
const startGrandchild = `
  const { spawn } = require("node:child_process");
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  console.log(child.pid);`;
/** Starts a grandchild, says its id, and stays. */
const parentOfSleeper = ["-e", `${startGrandchild} setInterval(() => {}, 1e6);`];

const gone = (pid: number) =>
  vi.waitFor(async () => expect(await startMark(pid)).toBeUndefined(), {
    timeout: 10_000,
    interval: 20,
  });

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("no stdout");
  const [line] = await once(createInterface(child.stdout), "line");
  return String(line);
}

describe("the supervisor", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), "cloud-processes-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("ends a child and what the child started, with one signal", async () => {
    // Prepare
    const supervisor = await openSupervisor(dataDir, silent);
    const parent = supervisor.spawn(process.execPath, parentOfSleeper);
    const grandchild = Number(await firstLine(parent.child));

    // Act
    parent.killGroup("SIGKILL");

    // Assess
    expect(await parent.exited).toEqual({ code: null, signal: "SIGKILL" });
    await gone(grandchild);
    await supervisor.close();
  });

  it("ends what a child leaves behind when it exits by itself", async () => {
    // Prepare
    const supervisor = await openSupervisor(dataDir, silent);
    const parent = supervisor.spawn(process.execPath, [
      "-e",
      `${startGrandchild} setImmediate(() => process.exit(3));`,
    ]);
    const grandchild = Number(await firstLine(parent.child));

    // Act
    const exit = await parent.exited;

    // Assess
    expect(exit.code).toBe(3);
    await gone(grandchild);
    await supervisor.close();
  });

  it("leaves nothing behind when closed", async () => {
    // Prepare
    const supervisor = await openSupervisor(dataDir, silent);
    const first = supervisor.spawn(process.execPath, sleeper);
    const guardPid = supervisor.guardPid ?? 0;

    // Act
    await supervisor.close();

    // Assess
    expect((await first.exited).signal).toBe("SIGKILL");
    await gone(guardPid);
    expect(JSON.parse(readFileSync(path.join(dataDir, "processes/groups.json"), "utf8"))).toEqual(
      expect.objectContaining({ groups: [] }),
    );
  });

  it("resolves `exited` of a command that cannot be started", async () => {
    // Prepare
    const supervisor = await openSupervisor(dataDir, silent);

    // Act
    const { exited } = supervisor.spawn("/nonexistent/command", []);

    // Assess
    expect(await exited).toEqual({ code: null, signal: null });
    await supervisor.close();
  });

  it("starts another guard when the guard is killed", async () => {
    // Prepare
    const supervisor = await openSupervisor(dataDir, silent);
    supervisor.spawn(process.execPath, sleeper);
    const first = supervisor.guardPid ?? 0;

    // Act
    process.kill(first, "SIGKILL");

    // Assess
    await vi.waitFor(() => {
      expect(supervisor.guardPid).toBeGreaterThan(0);
      expect(supervisor.guardPid).not.toBe(first);
    });
    await supervisor.close();
  });
});

describe("after kill -9 of the process that supervises", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), "cloud-processes-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  /** A process that supervises a child with a grandchild, and says all their ids. */
  async function startHost() {
    const module = new URL("./supervisor.ts", import.meta.url).href;
    const host = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { openSupervisor } = await import(${JSON.stringify(module)});
         const { once } = await import("node:events");
         const { readFileSync } = await import("node:fs");
         const supervisor = await openSupervisor(process.argv[1], () => {});
         const { child } = supervisor.spawn(process.execPath, ${JSON.stringify(parentOfSleeper)});
         const [text] = await once(child.stdout, "data");
         while (!readFileSync(process.argv[1] + "/processes/groups.json", "utf8").includes("startMark"))
           await new Promise(setImmediate);
         console.log(JSON.stringify({ guard: supervisor.guardPid, child: child.pid, grandchild: Number(text) }));`,
        dataDir,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const ids: { guard: number; child: number; grandchild: number } = JSON.parse(
      await firstLine(host),
    );
    const kill = async () => {
      host.kill("SIGKILL");
      await once(host, "exit");
    };
    return { ...ids, kill };
  }

  it("no descendant survives", async () => {
    // Prepare
    const host = await startHost();

    // Act
    await host.kill();

    // Assess
    await Promise.all([gone(host.child), gone(host.grandchild), gone(host.guard)]);
  });

  /**
   * As a kill between fork and the line to the guard leaves it: started by that run, told to nobody.
   */
  async function startUntold() {
    const { mark } = JSON.parse(readFileSync(path.join(dataDir, "processes/groups.json"), "utf8"));
    const [name, value] = String(mark).split("=");
    const child = spawn(process.execPath, sleeper, {
      detached: true,
      stdio: "ignore",
      env: { [String(name)]: value },
    });
    await once(child, "spawn");
    return child.pid ?? 0;
  }

  it.runIf(process.platform === "linux")(
    "a child does not survive that the guard was never told of",
    async () => {
      // Prepare
      const host = await startHost();
      const untold = await startUntold();

      // Act
      await host.kill();

      // Assess
      await Promise.all([gone(untold), gone(host.guard)]);
    },
  );

  it.runIf(process.platform === "linux")(
    "the next start ends a child that is in no list, when the guard was killed too",
    async () => {
      // Prepare
      const host = await startHost();
      const untold = await startUntold();
      process.kill(host.guard, "SIGSTOP");
      await host.kill();
      process.kill(host.guard, "SIGKILL");
      await gone(host.guard);
      expect(await startMark(untold)).toBeDefined();

      // Act
      const supervisor = await openSupervisor(dataDir, silent);

      // Assess
      expect(await startMark(untold)).toBeUndefined();
      await supervisor.close();
    },
  );

  it("the next start ends what is left when the guard was killed too", async () => {
    // Prepare
    const host = await startHost();
    process.kill(host.guard, "SIGSTOP");
    await host.kill();
    process.kill(host.guard, "SIGKILL");
    await gone(host.guard);
    expect(await startMark(host.child)).toBeDefined();

    // Act
    const supervisor = await openSupervisor(dataDir, silent);

    // Assess
    expect(await startMark(host.child)).toBeUndefined();
    await gone(host.grandchild);
    await supervisor.close();
  });

  it.runIf(process.platform === "linux")(
    "the next start ends a grandchild whose parent is gone as well",
    async () => {
      // Prepare
      const host = await startHost();
      process.kill(host.guard, "SIGSTOP");
      await host.kill();
      process.kill(host.guard, "SIGKILL");
      process.kill(host.child, "SIGKILL");
      await gone(host.child);
      expect(await startMark(host.grandchild)).toBeDefined();

      // Act
      const supervisor = await openSupervisor(dataDir, silent);

      // Assess
      await gone(host.grandchild);
      await supervisor.close();
    },
  );

  it("the next start leaves a process alone that was given a recorded id later", async () => {
    // Prepare
    const innocent = spawn(process.execPath, sleeper, { detached: true, stdio: "ignore" });
    await once(innocent, "spawn");
    const groupId = innocent.pid ?? 0;
    writeGroupJournal(dataDir, {
      mark: "SUPERVISED_RUN=other",
      groups: [{ groupId, startMark: "an earlier start" }],
    });

    // Act
    const supervisor = await openSupervisor(dataDir, silent);

    // Assess
    expect(await startMark(groupId)).toBeDefined();
    await supervisor.close();
    innocent.kill("SIGKILL");
  });
});
