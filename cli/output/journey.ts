import type { StreamSnapshot } from "@sluice/client";
import type { Video } from "@sluice/contracts";
import type { JourneyEvent } from "../journey/video-journey.ts";
import type { Terminal } from "./terminal.ts";
import { formatBytes, formatSeconds, printable } from "./text.ts";

/** The line of `--json` that an event makes, if it makes one (docs/ARCHITECTURE.md, "Interfaces that scripts rely on"). */
export function journeyLine(event: JourneyEvent): object | undefined {
  if (event.kind === "upload-progress" || event.kind === "progress") return undefined;
  const { kind, ...rest } = event;
  return { event: kind, ...rest };
}

export function showJourney(terminal: Terminal, file: string, event: JourneyEvent): void {
  const name = printable(file);
  switch (event.kind) {
    case "uploading":
      break;
    case "upload-progress":
      terminal.progress(file, shareOf(event.snapshot), sending(event.snapshot));
      break;
    case "uploaded":
      terminal.forget(file);
      terminal.line(`${name} is uploaded, after ${formatSeconds(event.ms)}: ${event.watch}`);
      break;
    case "progress":
      terminal.progress(
        file,
        event.video.renditions.length === 0 ? undefined : transcodedShare(event.video),
        describeVideo(event.video),
      );
      break;
    case "playable":
      terminal.line(`${name} can be watched, after ${formatSeconds(event.ms)}: ${event.watch}`);
      break;
    case "done":
      terminal.forget(file);
      terminal.line(`${name} is ready, after ${formatSeconds(event.ms)}: ${event.watch}`);
      break;
    case "failed":
      terminal.forget(file);
      terminal.line(`${name} failed: ${printable(event.message)}`);
      break;
  }
}

function shareOf({ bytes, totalBytes }: StreamSnapshot): number | undefined {
  return totalBytes === undefined ? undefined : bytes / Math.max(1, totalBytes);
}

function sending({ phase, confirmedBytes, totalBytes, ...snapshot }: StreamSnapshot): string {
  if (snapshot.trouble) return printable(snapshot.trouble.message);
  if (phase === "preparing" && totalBytes === undefined) return "waiting for the first bytes";
  const what = totalBytes === undefined ? `uploading ${formatBytes(confirmedBytes)}` : "uploading";
  const { bytesPerSecond } = snapshot;
  return bytesPerSecond === undefined ? what : `${what}, ${formatBytes(bytesPerSecond)}/s`;
}

/** How much of a video is made, 0 to 1. */
export function transcodedShare(video: Video): number {
  if (video.status === "ready") return 1;
  const total = video.renditions.reduce((sum, { segmentsTotal }) => sum + segmentsTotal, 0);
  const done = video.renditions.reduce((sum, { segmentsDone }) => sum + segmentsDone, 0);
  return total === 0 ? 0 : done / total;
}

export function describeVideo(video: Video): string {
  switch (video.status) {
    case "uploading":
    case "planning":
      return "planning";
    case "transcoding":
      return video.playable
        ? `transcoding, ${formatSeconds(video.playableMs)} can be watched`
        : "transcoding";
    default:
      return video.status;
  }
}
