import { parseArgs } from "node:util";
import { CommandError } from "@sluice/cli/errors.ts";
import type { Fault } from "./faults/fault.ts";

type Named = Pick<Fault, "summary">;
type ByName<F> = Readonly<Record<string, F>>;

export type FaultArguments<F> =
  | { readonly help: string }
  | { readonly name: string; readonly fault: F; readonly seed: number; readonly runs: number };

/** @throws CommandError invalid-arguments, with what there is instead */
export function parseFaultArguments<F extends Named>(
  argv: readonly string[],
  faults: ByName<F>,
): FaultArguments<F> {
  const { values, positionals } = parse(argv, faults);
  if (values.help) return { help: helpOf(faults) };
  const [name, ...rest] = positionals;
  const fault = name !== undefined && Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (name === undefined || fault === undefined) {
    throw refusal(name === undefined ? "Which fault?" : `There is no fault "${name}".`, faults);
  }
  if (rest.length > 0) throw refusal("One fault at a time.", faults);
  return {
    name,
    fault,
    seed: wholeNumber("seed", values.seed, 0, faults),
    runs: wholeNumber("runs", values.runs, 1, faults),
  };
}

function parse(argv: readonly string[], faults: ByName<Named>) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        seed: { type: "string", default: "1" },
        runs: { type: "string", default: "20" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw refusal(`${reason}.`, faults);
  }
}

function wholeNumber(flag: string, given: string, least: number, faults: ByName<Named>): number {
  const value = given.trim() === "" ? Number.NaN : Number(given);
  if (!Number.isInteger(value) || value < least || value > 1_000_000_000) {
    throw refusal(`--${flag} takes a whole number from ${least}, not "${given}".`, faults);
  }
  return value;
}

function refusal(reason: string, faults: ByName<Named>): CommandError {
  return new CommandError("invalid-arguments", `${reason}\n\n${helpOf(faults)}`);
}

function helpOf(faults: ByName<Named>): string {
  const list = Object.entries(faults).map(
    ([name, { summary }]) => `  ${name.padEnd(10)}${summary}`,
  );
  return `Usage: npm run faults -- NAME [--seed N] [--runs K]

${list.join("\n")}

  --seed N   of the first run, 1 by default; run I has the seed N + I
  --runs K   how many, 20 by default

Writes load_tests/reports/faults-NAME.json (docs/benchmarks.md); ends with 1 when a run went wrong.
`;
}
