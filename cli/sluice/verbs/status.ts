import { Command } from "@commander-js/extra-typings";
import type { Video } from "@sluice/contracts";
import { watchAddress } from "../../journey/video-journey.ts";
import { describeVideo } from "../../output/journey.ts";
import { fit, formatBytes, formatLength, printable } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import type { Output } from "../output.ts";
import { findVideo } from "../videos.ts";
import { paintState } from "./list.ts";

const help = `
VIDEO is an id, the beginning of one, or the address of its page.

Examples:
  $ npx sluice status 5f2c
  $ npx sluice status 'https://videos.example.com/#/videos/5f2c1f0e-58a5-…'
  $ npx sluice status 5f2c --json | jq -r .status
`;

export function statusVerb(context: VerbContext) {
  return new Command("status")
    .description("show how far each rendition of a video is, or why it failed")
    .argument("<VIDEO>", "id, beginning of an id, or address of its page")
    .addHelpText("after", help)
    .action((video) => status(context, video));
}

async function status({ output, target, signal }: VerbContext, given: string): Promise<void> {
  const { api, web } = await target();
  const video = await findVideo({ api, web }, given, signal);
  const watch = watchAddress(web, video.videoId);
  output.say({ event: "video", ...video, watch }, describe(output, video, watch));
}

function describe(output: Output, video: Video, watch: string): string {
  const facts = [
    ...(video.durationMs === undefined ? [] : [formatLength(video.durationMs)]),
    ...(video.width && video.height ? [`${video.width} × ${video.height}`] : []),
    ...(video.size === undefined ? [] : [formatBytes(video.size)]),
  ];
  const row = (name: string, value: string) => `  ${fit(name, 10)}  ${value}`;
  return [
    output.paint("bold", printable(video.title)),
    row("id", video.videoId),
    row("file", printable(video.fileName)),
    row("status", statusOf(output, video)),
    ...(video.failure ? [row("reason", printable(video.failure.message))] : []),
    ...(facts.length > 0 ? [row("facts", facts.join(", "))] : []),
    row("page", watch),
    ...video.renditions.map((rendition) => row(rendition.name, progressOf(rendition))),
  ].join("\n");
}

function statusOf(output: Output, video: Video): string {
  if (video.status === "uploading") return paintState(output, "uploading");
  const text = describeVideo(video);
  return video.status === "transcoding"
    ? paintState(output, text)
    : paintState(output, video.status);
}

const barColumns = 20;

function progressOf({ segmentsDone, segmentsTotal }: Video["renditions"][number]): string {
  const share = segmentsTotal === 0 ? 0 : segmentsDone / segmentsTotal;
  const filled = Math.floor(share * barColumns);
  return `${"█".repeat(filled)}${"░".repeat(barColumns - filled)}  ${segmentsDone} of ${segmentsTotal} segments`;
}
