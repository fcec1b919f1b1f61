import { Command, Option } from "@commander-js/extra-typings";
import { CommanderError } from "commander";
import { CommandError } from "../errors.ts";
import type { VerbContext } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import { Output } from "./output.ts";
import { defaultUrl, openTarget, type Target } from "./target.ts";
import { cancelVerb } from "./verbs/cancel.ts";
import { completionVerb } from "./verbs/completion.ts";
import { deleteVerb } from "./verbs/delete.ts";
import { doctorVerb } from "./verbs/doctor.ts";
import { listVerb } from "./verbs/list.ts";
import { statusVerb } from "./verbs/status.ts";
import { uploadVerb } from "./verbs/upload.ts";
import { watchVerb } from "./verbs/watch.ts";

export interface Surroundings {
  readonly version: string;
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const epilogue = `
Exit codes:
  0  done                      3  not reachable
  1  failed, or missing        4  no such video or upload
  2  wrong usage, or a file    5  token missing or refused
     that cannot be read     130  interrupted by Ctrl-C

Examples:
  $ npx sluice upload film.mp4 holiday/
  $ ffmpeg -i in.avi -f matroska - | npx sluice upload - --name in.mkv
  $ npx sluice list
  $ npx sluice watch 5f2c
  $ SLUICE_URL=https://videos.example.com npx sluice list --json
`;

/** The table of verbs: what is parsed, what help says and what shells complete all come from it. */
export function buildProgram(around: Surroundings): {
  readonly program: Command<[], { url?: string; tokenFile?: string; json?: true }>;
  readonly exitCode: () => number;
} {
  let exitCode: number = exitCodes.ok;
  let target: Promise<Target> | undefined;
  let output: Output | undefined;
  const program = new Command("sluice")
    .description("Uploads, follows and plays videos of a Sluice, on this machine or elsewhere.")
    .version(around.version, "--version", "print the version")
    .addOption(
      new Option("--url <address>", "the Sluice to talk to: the address of its page")
        .env("SLUICE_URL")
        .default(undefined, defaultUrl),
    )
    .option(
      "--token-file <file>",
      "file that holds the token, for a Sluice with sign-in; or put it into SLUICE_TOKEN",
    )
    .option("--json", "one JSON object a line on standard output")
    .usage("<verb> [options]")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [verb]", "print the help of a verb")
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: (command) =>
        (command.parent?.options ?? []).filter(({ long }) => long !== "--version"),
    })
    .addHelpText("after", epilogue);

  const context: VerbContext = {
    get output() {
      output ??= new Output(program.opts().json === true);
      return output;
    },
    target() {
      const { url, tokenFile } = program.opts();
      target ??= openTarget({ url, tokenFile, environment: around.environment });
      return target;
    },
    signal: around.signal,
    workingDirectory: around.workingDirectory,
    environment: around.environment,
    exitWith(code) {
      exitCode = code;
    },
  };
  const verbs = [
    uploadVerb(context),
    listVerb(context),
    statusVerb(context),
    watchVerb(context),
    cancelVerb(context),
    deleteVerb(context),
    doctorVerb(context, () => program.opts().url),
    completionVerb(context, () => program),
  ];
  program.exitOverride().configureOutput({ outputError: () => {} });
  for (const verb of verbs) {
    verb.copyInheritedSettings(program);
    program.addCommand(verb);
  }
  return { program, exitCode: () => exitCode };
}

/**
 * @throws CommandError invalid-arguments, with the nearest name where one is near;
 *   whatever the verb throws
 */
export async function runProgram(
  program: Pick<Command, "parseAsync">,
  argv: readonly string[],
): Promise<void> {
  try {
    await program.parseAsync(waitWithValue(argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were printed, which is all that was wanted.
    if (error.exitCode === 0) return;
    if (error.code === "commander.help") {
      throw new CommandError(
        "invalid-arguments",
        "Say what to do; `npx sluice --help` lists the verbs.",
      );
    }
    throw new CommandError("invalid-arguments", sentence(error.message));
  }
}

/** An option whose value may be left out would take the next argument for it: `--wait film.mp4`. */
function waitWithValue(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    const isValueNext = ["playable", "ready"].includes(argv[index + 1] ?? "");
    const isBare = argument === "--wait" && !isValueNext && (end === -1 || index < end);
    return isBare ? "--wait=ready" : argument;
  });
}

/** Commander: "error: unknown option '--jsn'\n(Did you mean --json?)". */
function sentence(message: string): string {
  const text = message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? "" : "."}`;
}
