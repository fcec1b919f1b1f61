import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { machineSchema } from "./machine.ts";
import { rowSchema } from "./row.ts";

/** `bench-NAME.json` (docs/ARCHITECTURE.md, "Interfaces that scripts rely on"). */
export const benchReportSchema = z.strictObject({
  bench: z.string().min(1),
  machine: machineSchema,
  rows: z.array(rowSchema),
});
export type BenchReport = z.infer<typeof benchReportSchema>;

/** `faults-NAME.json`. */
export const faultReportSchema = z.strictObject({
  faults: z.string().min(1),
  seed: z.int(),
  machine: machineSchema,
  rows: z.array(rowSchema),
  /** How many faults of each kind there were. */
  injected: z.record(z.string(), z.int()),
  /** Each repeats its run: `npm run faults -- NAME --seed N --runs 1`. */
  failingSeeds: z.array(z.int()),
});
export type FaultReport = z.infer<typeof faultReportSchema>;

/** Writes a report, whole or not at all; answers where. */
export async function writeReport(
  directory: string,
  report: BenchReport | FaultReport,
): Promise<string> {
  const [name, checked] =
    "bench" in report
      ? [`bench-${report.bench}`, benchReportSchema.parse(report)]
      : [`faults-${report.faults}`, faultReportSchema.parse(report)];
  const file = join(directory, `${name}.json`);
  await mkdir(directory, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(checked, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}
