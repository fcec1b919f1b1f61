import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { ListVideosResponse, Video } from "@sluice/contracts";
import { transcodedShare } from "../../output/journey.ts";
import { formatBytes, formatLength, printable } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import { shortId, table } from "../table.ts";

const help = `
Examples:
  $ npx sluice list
  $ npx sluice list --limit 5
  $ npx sluice list --all --json | jq -r 'select(.status == "failed").videoId'
`;

export function listVerb(context: VerbContext) {
  return new Command("list")
    .description("list the videos, newest first")
    .addOption(new Option("--limit <n>", "videos a page, 1 to 100").argParser(pageSize).default(20))
    .option("--cursor <cursor>", "go on where a page ended")
    .option("--all", "every page")
    .addHelpText("after", help)
    .action((flags) => list(context, flags));
}

function pageSize(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError("It takes a whole number from 1 to 100.");
}

async function list(
  { output, target, signal }: VerbContext,
  flags: { readonly limit: number; readonly cursor?: string; readonly all?: true },
): Promise<void> {
  const { api } = await target();
  let cursor = flags.cursor;
  let count = 0;
  do {
    const page: ListVideosResponse = await api.listVideos(
      { limit: flags.all ? 100 : flags.limit, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    );
    if (output.isJson) for (const video of page.videos) output.json({ event: "video", ...video });
    else if (page.videos.length > 0) {
      output.terminal.line(asTable(output, page.videos, count === 0));
    }
    count += page.videos.length;
    cursor = page.nextCursor;
  } while (flags.all && cursor !== undefined);
  if (count === 0) output.notice("There are no videos yet; `npx sluice upload FILE` makes one.");
  if (cursor === undefined) return;
  if (output.isJson) output.json({ event: "page", nextCursor: cursor });
  else output.notice(`\nMore: npx sluice list --limit ${flags.limit} --cursor ${cursor}`);
}

function asTable(
  output: VerbContext["output"],
  videos: readonly Video[],
  withHeader: boolean,
): string {
  const rows = videos.map((video) => [
    shortId(video.videoId),
    printable(video.title),
    stateOf(video),
    video.durationMs === undefined ? "" : formatLength(video.durationMs),
    video.size === undefined ? "" : formatBytes(video.size),
    video.createdAt.slice(0, 16).replace("T", " "),
  ]);
  return table(
    [
      { title: "ID" },
      { title: "TITLE", takesRest: true },
      { title: "STATUS", minWidth: 16, paint: (text) => paintState(output, text) },
      { title: "LENGTH", minWidth: 7, right: true },
      { title: "SIZE", minWidth: 8, right: true },
      { title: "CREATED (UTC)", minWidth: 16 },
    ],
    rows,
    {
      width: output.columns,
      header: withHeader ? (text) => output.paint("bold", text) : undefined,
    },
  );
}

export function stateOf(video: Video): string {
  if (video.status !== "transcoding") return video.status;
  return `transcoding ${String(Math.floor(transcodedShare(video) * 100)).padStart(3)}%`;
}

export function paintState(output: VerbContext["output"], text: string): string {
  const state = text.trim();
  if (state === "ready") return output.paint("green", text);
  return state === "failed" ? output.paint("red", text) : output.paint("yellow", text);
}
