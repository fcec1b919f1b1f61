import { Argument, Command, Option } from "@commander-js/extra-typings";
import { dispatches } from "@sluice/contracts";
import PQueue from "p-queue";
import { CommandError } from "../../errors.ts";
import { type Send, sendFile, sendStream } from "../../journey/send.ts";
import { followVideo, type JourneyEnd, type JourneyEvent } from "../../journey/video-journey.ts";
import { journeyLine, showJourney } from "../../output/journey.ts";
import type { VerbContext } from "../context.ts";
import { exitCodeOf, exitCodes } from "../exit-codes.ts";
import { sourceFiles } from "../source-files.ts";

/** Files that send at the same time; each has several connections of its own. */
const uploadsAtOnce = 3;

const help = `
Folders are searched, however deep, for media files; --all takes every file.
\`-\` uploads standard input while it comes, up to 625 GiB.

An upload that was interrupted goes on where it was when the same command is
given again; one of standard input cannot, and is ended.

Examples:
  $ npx sluice upload film.mp4
  $ npx sluice upload holiday/ --no-wait
  $ npx sluice upload film.mp4 --json --wait=playable
  $ ffmpeg -i in.avi -f matroska - | npx sluice upload - --name in.mkv
`;

interface UploadFlags {
  readonly title?: string;
  readonly name?: string;
  readonly wait: "playable" | "ready" | true | false;
  readonly dispatch?: (typeof dispatches)[number];
  readonly all?: true;
}

export function uploadVerb(context: VerbContext) {
  return new Command("upload")
    .description("upload files, folders or standard input (-), and follow them until they play")
    .addArgument(new Argument("<FILE...>", "files, folders, or - for standard input"))
    .option("--title <text>", "title of the video; default: the name of the file")
    .option("--name <name>", "name of the file that standard input holds")
    .addOption(
      new Option("--wait [state]", "wait until videos are playable or ready")
        .choices(["playable", "ready"] as const)
        .default("ready" as const),
    )
    .option("--no-wait", "end as soon as everything is uploaded")
    .addOption(new Option("--dispatch <how>", "how workers get the tasks").choices(dispatches))
    .option("--all", "every file of a folder, whatever its name")
    .addHelpText("after", help)
    .action((files, flags) => upload(context, files, flags));
}

async function upload(
  context: VerbContext,
  given: readonly string[],
  flags: UploadFlags,
): Promise<void> {
  const { output, signal } = context;
  checkFlags(given, flags);
  const paths = given.filter((argument) => argument !== "-");
  const files = await sourceFiles(paths, { ...context, all: flags.all === true });
  if (files.length > 1 && flags.title !== undefined) {
    throw invalid(`--title names one video, and there are ${files.length} files.`);
  }
  const target = await context.target();
  const common = { api: target.api, title: flags.title, dispatch: flags.dispatch };
  const sources: { readonly shown: string; readonly send: Send }[] = files.map((file) => ({
    shown: file.shown,
    send: sendFile(file.path, { ...common, resumeDir: target.resumeDir }),
  }));
  if (given.includes("-")) {
    const name = flags.name ?? "stdin";
    sources.push({ shown: name, send: sendStream(process.stdin, name, common) });
  }

  const queue = new PQueue({ concurrency: uploadsAtOnce });
  const failures: string[] = [];
  const follow = async ({ shown, send }: (typeof sources)[number]) => {
    const onEvent = (event: JourneyEvent) => {
      if (event.kind === "failed") failures.push(event.code);
      if (!output.isJson) return showJourney(output.terminal, shown, event);
      const line = journeyLine(event);
      if (line) output.json({ ...line, file: shown });
    };
    await followVideo({
      ...target,
      send: (hooks) => queue.add(() => send(hooks)),
      until: endOf(flags.wait),
      signal,
      onEvent,
    });
  };
  await Promise.all(sources.map(follow));
  output.terminal.close();
  if (signal.aborted || failures.includes("unreachable")) {
    if (files.length > 0) {
      output.notice("Give the same command again to go on, or `npx sluice cancel` to give up.");
    }
    if (signal.aborted && given.includes("-")) {
      output.notice("What came from standard input cannot be resumed; its upload was ended.");
    }
  }
  context.exitWith(exitCodeOfAll(failures));
}

function endOf(wait: UploadFlags["wait"]): JourneyEnd {
  if (wait === false) return "uploaded";
  return wait === true ? "ready" : wait;
}

/** What all failures have in common, or that something failed. */
function exitCodeOfAll(failures: readonly string[]): number {
  const codes = new Set(failures.map(exitCodeOf));
  const [code = exitCodes.ok] = codes;
  return codes.size > 1 ? exitCodes.failed : code;
}

function checkFlags(given: readonly string[], flags: UploadFlags): void {
  const streams = given.filter((argument) => argument === "-").length;
  if (streams > 1) throw invalid("There is one standard input; name `-` once.");
  if (streams === 0 && flags.name !== undefined) {
    throw invalid("--name is for standard input (`-`); files keep their names.");
  }
  if (streams === 1 && process.stdin.isTTY) {
    throw invalid(
      "Standard input is a terminal: pipe something into this command, or name a file.",
    );
  }
  if (streams === 1 && given.length > 1 && flags.title !== undefined) {
    throw invalid(`--title names one video, and there are ${given.length}.`);
  }
}

function invalid(message: string): CommandError {
  return new CommandError("invalid-arguments", message);
}
