import { parseBenchArguments } from "./bench-arguments.ts";
import { benches } from "./benches/index.ts";
import { commandLineOf, reportsDirectory } from "./command.ts";
import { describeMachine } from "./core/machine.ts";
import { openProgress } from "./core/progress.ts";
import { writeReport } from "./core/report.ts";
import { formatTable } from "./core/table.ts";

await commandLineOf(async (argv) => {
  const parsed = parseBenchArguments(argv, benches);
  if ("help" in parsed) {
    process.stdout.write(parsed.help);
    return;
  }
  const { name, bench, size } = parsed;
  const machine = describeMachine();
  const progress = openProgress(bench.steps(size));
  let done = 0;
  const began = performance.now();
  const rows = await bench
    .run(size, (text) => progress.step(done++, text))
    .finally(() => progress.stop());
  const file = await writeReport(reportsDirectory, { bench: name, machine, rows });
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(`${formatTable(rows)}\n\n${file}, after ${seconds} s\n`);
});
