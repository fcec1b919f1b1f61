import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { failureCode, failureMessage } from "./journey/failure-code.ts";
import { exitCodeOf, exitCodes, isExpected } from "./sluice/exit-codes.ts";
import { Output, outliveReaders } from "./sluice/output.ts";
import { buildProgram, runProgram } from "./sluice/program.ts";

const root = dirname(import.meta.dirname);

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  outliveReaders();
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(exitCodes.interrupted);
      interrupted.abort(new Error("Interrupted."));
    });
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  try {
    const { program, exitCode } = buildProgram({
      version,
      workingDirectory: process.cwd(),
      environment: process.env,
      signal: interrupted.signal,
    });
    await runProgram(program, argv);
    return interrupted.signal.aborted ? exitCodes.interrupted : exitCode();
  } catch (error) {
    if (interrupted.signal.aborted) return exitCodes.interrupted;
    if (!isExpected(error)) throw error;
    const code = failureCode(error);
    new Output(argv.includes("--json")).error(code, failureMessage(error));
    return exitCodeOf(code);
  }
}

const code = await main();
// A pending read of standard input would keep the process; what was printed must be out before.
process.stdout.write("", () => process.exit(code));
