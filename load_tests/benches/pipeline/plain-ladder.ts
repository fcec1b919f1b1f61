import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  audioArguments,
  chunkArguments,
} from "@sluice/functions/transcode/adapters/ffmpeg-arguments.ts";
import { startFfmpeg } from "@sluice/functions/transcode/adapters/ffmpeg-process.ts";
import { createFfprobeProber } from "@sluice/functions/transcode/adapters/ffprobe-prober.ts";
import { makePlan, type Plan } from "@sluice/functions/transcode/domain/plan.ts";

/** What one task after another would make, as the plan function sees the file. */
export async function planOf(file: string): Promise<Plan> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const prober = createFfprobeProber({
      async read(_videoId, first, end) {
        const buffer = Buffer.alloc(end - first);
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, first);
        return buffer.subarray(0, bytesRead);
      },
    });
    const { signal } = new AbortController();
    return makePlan(await prober.probe("bench", { bytes: size, etag: "" }, signal));
  } finally {
    await handle.close();
  }
}

/** `ours`: one thread an encoder, as our tasks have; `ffmpeg`: as many as it chooses by itself. */
export type EncoderThreads = "ours" | "ffmpeg";

/**
 * One ffmpeg that reads the file as it lies there and writes every rendition and the sound: the
 * arguments of our own tasks for a plan that is one chunk, with files in the place of pipes.
 */
export function plainLadderArguments(
  plan: Plan,
  file: string,
  directory: string,
  threads: EncoderThreads,
): string[] {
  const whole = chunkArguments({ ...plan, chunks: [0] }, 0, file);
  const encoders = whole.indexOf("-i");
  const audio = audioArguments(plan, file);
  return [
    ...whole.with(whole.indexOf("-protocol_whitelist") + 1, "file"),
    ...(plan.hasAudio ? audio.slice(audio.indexOf("-map")).with(-1, "pipe:audio") : []),
  ].map((argument, index, all) => {
    if (argument.startsWith("pipe:")) return join(directory, `${argument.slice(5)}.mp4`);
    const isEncoderThreads = index > encoders && all[index - 1] === "-threads";
    return isEncoderThreads && threads === "ffmpeg" ? "0" : argument;
  });
}

/** @throws FfmpegError */
export function runFfmpeg(args: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  return startFfmpeg({ program: "ffmpeg", arguments: args, signal }).done;
}
