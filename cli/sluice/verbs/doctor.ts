import { Command } from "@commander-js/extra-typings";
import { fit } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import type { Check } from "../doctor/check.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Output } from "../output.ts";

const help = `
Says what is there, what is missing and what to do about it. Ends with 1 when
something is missing that Sluice cannot do without.

Examples:
  $ npx sluice doctor
  $ npx sluice doctor --url https://videos.example.com
  $ npx sluice doctor --json | jq -r 'select(.status == "missing") | .todo'
`;

export function doctorVerb(context: VerbContext, chosenUrl: () => string | undefined) {
  return new Command("doctor")
    .description("check this machine, and the Sluice that this command talks to")
    .addHelpText("after", help)
    .action(() => doctor(context, chosenUrl()));
}

async function doctor(context: VerbContext, chosenUrl: string | undefined): Promise<void> {
  const { output, signal, workingDirectory } = context;
  // Loaded by this verb alone: it knows the embedded cloud, which others need not wait for.
  const { allChecks } = await import("../doctor/all-checks.ts");
  const checks = await allChecks({
    target: () => context.target(),
    chosenUrl,
    ...{ signal, workingDirectory },
  });
  for (const check of checks) output.say({ event: "check", ...check }, describe(output, check));
  const missing = checks.filter(({ status }) => status === "missing").length;
  if (missing === 0) return output.notice("\nNothing is missing.");
  output.notice(`\n${missing === 1 ? "One thing is" : `${missing} things are`} missing.`);
  context.exitWith(exitCodes.failed);
}

function describe(output: Output, { name, status, message, todo }: Check): string {
  const marks = {
    ok: output.paint("green", "ok      "),
    optional: output.paint("yellow", "optional"),
    missing: output.paint("red", "missing "),
  };
  const first = `${marks[status]}  ${fit(name, 16)}  ${message}`;
  return todo === undefined ? first : `${first}\n${" ".repeat(28)}→ ${todo}`;
}
