import { commandLineOf, reportsDirectory } from "./command.ts";
import { describeMachine } from "./core/machine.ts";
import { openProgress } from "./core/progress.ts";
import { writeReport } from "./core/report.ts";
import { formatTable } from "./core/table.ts";
import { parseFaultArguments } from "./fault-arguments.ts";
import { faults } from "./faults/index.ts";

await commandLineOf(async (argv) => {
  const parsed = parseFaultArguments(argv, faults);
  if ("help" in parsed) {
    process.stdout.write(parsed.help);
    return;
  }
  const { name, fault, seed, runs } = parsed;
  const machine = describeMachine();
  const progress = openProgress(fault.steps(runs));
  let done = 0;
  const { rows, injected, failingSeeds } = await fault
    .run({
      seed,
      runs,
      step: (text) => progress.step(done++, text),
      notice: (text) => void process.stderr.write(`${text}\n`),
    })
    .finally(() => progress.stop());
  const report = { faults: name, seed, machine, rows, injected, failingSeeds: [...failingSeeds] };
  const file = await writeReport(reportsDirectory, report);
  process.stdout.write(`${formatTable(rows)}\n\n`);
  for (const [kind, count] of Object.entries(injected).sort()) {
    process.stdout.write(`${String(count).padStart(4)} × ${kind}\n`);
  }
  process.stdout.write(`\n${file}\n`);
  if (failingSeeds.length > 0) {
    process.stderr.write(`Failing seeds: ${failingSeeds.join(", ")}\n`);
    process.exitCode = 1;
  }
});
