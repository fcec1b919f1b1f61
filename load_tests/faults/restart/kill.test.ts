import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { treeOf } from "../../system/process-table.ts";
import { temporaryDirectory } from "../../system/temporary-directory.ts";
import { orphansOf } from "./kill.ts";

test.runIf(process.platform === "linux").each([
  ["its command line", (dataDir: string) => ({ args: ["--", dataDir] })],
  ["its environment", (dataDir: string) => ({ env: { TMPDIR: `${dataDir}/tmp` } })],
  ["its working directory", (dataDir: string) => ({ cwd: dataDir })],
  ["nothing of it, but came from its tree", () => ({})],
])("a process that has %s is an orphan, until it is gone", async (_what, traceOf) => {
  const { path, ...directory } = await temporaryDirectory("orphans");
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const { args = [], ...options }: { args?: string[]; env?: NodeJS.ProcessEnv; cwd?: string } =
    traceOf(path);
  const script = 'console.log("here"); setInterval(() => {}, 1e6)';
  const child = spawn(process.execPath, ["-e", script, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    ...options,
  });
  if (!child.stdout) throw new Error("no stdout");
  await once(child.stdout, "data");
  const tree = treeOf(child.pid ?? 0);

  const found = await orphansOf(path, tree, 0);
  const closed = once(child, "close");
  child.kill("SIGKILL");
  const later = await orphansOf(path, tree);
  await closed;

  expect(found).toEqual([`node (${child.pid})`]);
  expect(later).toEqual([]);
});
