import { Command } from "@commander-js/extra-typings";
import { fit } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import type { Check } from "../doctor/check.ts";
import { ffmpegChecks } from "../doctor/ffmpeg-checks.ts";
import {
  diskCheck,
  nodeCheck,
  optionalChecks,
  portCheck,
  postgresCheck,
} from "../doctor/machine-checks.ts";
import { targetChecks } from "../doctor/target-checks.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { defaultUrl } from "../target.ts";

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
  const target = await targetChecks(() => context.target(), chosenUrl !== undefined, signal);
  const isOurs = target[0]?.status === "ok" && (chosenUrl ?? defaultUrl) === defaultUrl;
  const checks: Check[] = [
    nodeCheck(),
    postgresCheck(),
    ...(await ffmpegChecks()),
    await diskCheck(workingDirectory),
    await portCheck(isOurs),
    ...(await optionalChecks()),
    ...target,
  ];
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
