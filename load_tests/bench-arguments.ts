import { parseArgs } from "node:util";
import { CommandError } from "@sluice/cli/errors.ts";
import type { Bench, Size } from "./benches/bench.ts";

type Named = Pick<Bench, "summary">;
type ByName<B> = Readonly<Record<string, B>>;

export type BenchArguments<B> =
  | { readonly help: string }
  | { readonly name: string; readonly bench: B; readonly size: Size };

/** @throws CommandError invalid-arguments, with what there is instead */
export function parseBenchArguments<B extends Named>(
  argv: readonly string[],
  benches: ByName<B>,
): BenchArguments<B> {
  const { values, positionals } = parse(argv, benches);
  if (values.help) return { help: helpOf(benches) };
  const [name, ...rest] = positionals;
  const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (name === undefined || bench === undefined) {
    const wrong = name === undefined ? "Which bench?" : `There is no bench "${name}".`;
    throw new CommandError("invalid-arguments", `${wrong}\n\n${helpOf(benches)}`);
  }
  if (rest.length > 0 || (values.quick && values.full)) {
    const wrong = rest.length > 0 ? "One bench at a time." : "Either --quick or --full.";
    throw new CommandError("invalid-arguments", `${wrong}\n\n${helpOf(benches)}`);
  }
  return { name, bench, size: values.quick ? "quick" : values.full ? "full" : "default" };
}

function parse(argv: readonly string[], benches: ByName<Named>) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        quick: { type: "boolean", default: false },
        full: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new CommandError("invalid-arguments", `${reason}.\n\n${helpOf(benches)}`);
  }
}

function helpOf(benches: ByName<Named>): string {
  const list = Object.entries(benches).map(
    ([name, { summary }]) => `  ${name.padEnd(10)}${summary}`,
  );
  return `Usage: npm run bench -- NAME [--quick|--full]

${list.join("\n")}

  --quick   less of everything; ends within 90 s on 2 cores
  --full    more runs and larger files

Prints a table and writes load_tests/reports/bench-NAME.json (docs/benchmarks.md).
`;
}
