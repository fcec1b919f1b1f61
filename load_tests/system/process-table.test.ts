import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  commandLine,
  cpuSecondsOf,
  environmentOf,
  isAlive,
  parseStat,
  residentBytes,
  treeOf,
} from "./process-table.ts";

const stat = (state: string) =>
  `42 (a (b) c) ${state} 7 40 40 0 -1 4194560 1 0 0 0 150 50 300 100 20 0 1 0 987 0 0`;

test("a line of /proc is read whatever the program is called", () => {
  expect(parseStat(stat("S"))).toEqual({
    pid: 42,
    parent: 7,
    group: 40,
    name: "a (b) c",
    startTicks: "987",
    cpuSeconds: 2,
    endedChildrenCpuSeconds: 4,
  });
});

test("zombies and processes that are gone do not count", () => {
  expect(parseStat(stat("Z"))).toBeUndefined();
  expect(parseStat("")).toBeUndefined();
});

describe.runIf(process.platform === "linux")("the processes of this machine", () => {
  /** Measured by itself: how long that takes does not matter. */
  const busy = "while (process.cpuUsage().user < 200_000);";

  /** A process whose child has burnt CPU time, ended and been waited for. */
  async function startParent() {
    const parent = spawn(
      process.execPath,
      [
        "-e",
        `const { spawnSync } = require("node:child_process");
         spawnSync(process.execPath, ["-e", ${JSON.stringify(busy)}]);
         const child = require("node:child_process").spawn("sleep", ["100"]);
         console.log(child.pid);
         process.on("SIGTERM", () => { child.kill("SIGKILL"); process.exit(); });
         setInterval(() => {}, 1e6);`,
      ],
      { stdio: ["ignore", "pipe", "inherit"], env: { MARK: "a=b" } },
    );
    onTestFinished(async () => {
      parent.kill("SIGTERM");
      await once(parent, "exit");
    });
    if (!parent.stdout) throw new Error("no stdout");
    const [line] = await once(createInterface({ input: parent.stdout }), "line");
    return { pid: parent.pid ?? 0, sleeper: Number(line) };
  }

  test("CPU time of children that have ended counts, and the tree holds those that live", async () => {
    const { pid, sleeper } = await startParent();

    const tree = treeOf(pid);

    expect(tree.map((entry) => entry.pid)).toEqual([pid, sleeper]);
    expect(tree.every(isAlive)).toBe(true);
    expect(cpuSecondsOf(pid)).toBeGreaterThan(0.1);
    expect(tree[0]?.endedChildrenCpuSeconds).toBeGreaterThan(0.1);
    expect(residentBytes(pid)).toBeGreaterThan(1e6);
    expect(environmentOf(pid).MARK).toBe("a=b");
    expect(commandLine(sleeper)).toEqual(["sleep", "100"]);
  });

  test("a later process with the same id is another", () => {
    const [self] = treeOf(process.pid);
    if (!self) throw new Error("We are not in the table.");

    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, startTicks: "1" })).toBe(false);
  });
});
