import { mkdtemp, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { describeMachine } from "./machine.ts";
import { benchReportSchema, writeReport } from "./report.ts";
import { rowOf } from "./row.ts";

const machine = {
  cpu: "a processor",
  cores: 2,
  memoryMiB: 1024,
  system: "linux x64",
  node: "v24.0.0",
  ffmpeg: "7.0",
  loadBefore: 0.1,
};

test("a report is a file with the members that scripts rely on", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-report-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const rows = [rowOf({ what: "speed", unit: "MB/s", ours: [3] })];

  const file = await writeReport(join(directory, "reports"), { bench: "upload", machine, rows });
  const written = JSON.parse(await readFile(file, "utf8"));

  expect(file.endsWith("bench-upload.json")).toBe(true);
  expect(Object.keys(written)).toEqual(["bench", "machine", "rows"]);
  expect(benchReportSchema.parse(written).rows).toEqual(rows);
});

test("a report with a member too many is refused before it is written", async () => {
  const report = { bench: "upload", machine: { ...machine, host: "mine" }, rows: [] };

  await expect(writeReport("/nonexistent", report)).rejects.toThrow("host");
});

test("the machine is described without its name", () => {
  const machine = describeMachine();

  expect(machine.cores).toBeGreaterThan(0);
  expect(Object.values(machine)).not.toContain(hostname());
});
