import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { ProblemError, type ResumeRecord } from "@sluice/client";
import { type ResumeDirectory, resumeDirectory } from "@sluice/client/node";
import { CommandError } from "../../errors.ts";
import { printable } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import type { Target } from "../target.ts";
import { findVideo } from "../videos.ts";

const help = `
UPLOAD is the file that was being uploaded, the id of its video, or the
beginning of that.
What is uploaded whole is not touched; \`npx sluice delete\` removes it.

Examples:
  $ npx sluice cancel film.mp4
  $ npx sluice cancel 5f2c
  $ npx sluice cancel --all
`;

export function cancelVerb(context: VerbContext) {
  return new Command("cancel")
    .description("give up uploads that are not finished")
    .argument("[UPLOAD...]", "file, id, or beginning of an id")
    .option("--all", "every unfinished upload that this machine began")
    .addHelpText("after", help)
    .action((uploads, flags) => cancel(context, uploads, flags.all === true));
}

interface Remembered {
  readonly key: string;
  readonly record: ResumeRecord;
}

async function cancel(context: VerbContext, given: readonly string[], all: boolean): Promise<void> {
  if (all === given.length > 0) {
    throw new CommandError(
      "invalid-arguments",
      all ? "Name uploads or say --all, not both." : "Say which upload: a file, an id, or --all.",
    );
  }
  const target = await context.target();
  const directory = resumeDirectory(target.resumeDir);
  const remembered = await directory.all();
  if (all) {
    for (const upload of remembered) await end(context, target, directory, upload);
    if (remembered.length === 0) context.output.notice("There are no unfinished uploads.");
    return;
  }
  for (const argument of given) {
    const upload =
      ofFile(resolve(context.workingDirectory, argument), remembered) ??
      (await ofId(argument.toLowerCase(), remembered));
    if (upload) await end(context, target, directory, upload);
    else await endElsewhere(context, target, argument);
  }
}

function ofFile(path: string, remembered: readonly Remembered[]): Remembered | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  return remembered.find(
    ({ record }) =>
      record.name === basename(path) &&
      record.size === stat.size &&
      record.lastModified === Math.trunc(stat.mtimeMs),
  );
}

async function ofId(
  id: string,
  remembered: readonly Remembered[],
): Promise<Remembered | undefined> {
  const found = remembered.filter(({ record }) =>
    [record.upload?.videoId, record.upload?.uploadId].some((known) => known?.startsWith(id)),
  );
  if (found.length <= 1) return found[0];
  throw new CommandError(
    "video-ambiguous",
    `${found.length} unfinished uploads begin with "${id}".`,
  );
}

async function end(
  { output, signal }: VerbContext,
  { api }: Target,
  directory: ResumeDirectory,
  { key, record }: Remembered,
): Promise<void> {
  const { upload, name } = record;
  let completed = false;
  if (upload) {
    try {
      await api.abortUpload(upload.uploadId, { signal });
    } catch (error) {
      completed = error instanceof ProblemError && error.code === "upload-completed";
      const isGone = error instanceof ProblemError && error.code === "not-found";
      if (!completed && !isGone) throw error;
    }
  }
  await directory.remove(key);
  const { videoId } = upload ?? {};
  if (completed) {
    output.say(
      { event: "completed", videoId, fileName: name },
      `${printable(name)} is uploaded whole and was left: ${videoId}`,
    );
  } else {
    output.say(
      { event: "canceled", videoId, fileName: name },
      `The upload of ${printable(name)} was given up.`,
    );
  }
}

/** Another machine, or the page, began it: the library knows, and deleting it ends the upload too. */
async function endElsewhere(context: VerbContext, target: Target, given: string): Promise<void> {
  const { output, signal } = context;
  const video = await findVideo(target, given, signal);
  if (video.status !== "uploading") {
    throw new CommandError(
      "upload-completed",
      `"${printable(video.title)}" is uploaded whole (${video.status}); \`npx sluice delete ${video.videoId}\` removes it.`,
    );
  }
  await target.api.deleteVideo(video.videoId, { signal });
  output.say(
    { event: "canceled", videoId: video.videoId, fileName: video.fileName },
    `The upload of ${printable(video.fileName)} was given up.`,
  );
}
