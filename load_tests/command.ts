import { join } from "node:path";
import { CommandError, isExplained } from "@sluice/cli/errors.ts";

export const reportsDirectory = join(import.meta.dirname, "reports");

/** Runs a command of this room; a fault that the person at the terminal can mend is one sentence. */
export async function commandLineOf(
  run: (argv: readonly string[]) => Promise<void>,
): Promise<void> {
  try {
    if (process.platform !== "linux") {
      throw new CommandError(
        "linux-only",
        "Benches and faults count CPU time, memory and processes in /proc: they run on Linux only.",
      );
    }
    await run(process.argv.slice(2));
  } catch (error) {
    if (!isExplained(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
