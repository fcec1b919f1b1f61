import { Refusal } from "../domain/failure.ts";
import { guardedInput } from "./ffmpeg-limits.ts";
import { startFfmpeg } from "./ffmpeg-process.ts";

const maxReportBytes = 4 * 1024 * 1024;

/**
 * What ffprobe says of a file, as parsed JSON.
 *
 * @param shows sections, for example `-show_format`
 * @throws FfmpegError when it cannot be read, Refusal when the answer is endless
 */
export const ffprobeReport = async (
  url: string,
  shows: readonly string[],
  signal: AbortSignal,
): Promise<unknown> => {
  const { stdout, done } = startFfmpeg({
    program: "ffprobe",
    arguments: ["-v", "error", "-of", "json", ...shows, ...guardedInput(url, "probe")],
    signal,
  });
  const text = readAll(stdout);
  text.catch(() => {});
  await done;
  return JSON.parse(await text);
};

const readAll = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes <= maxReportBytes) chunks.push(chunk);
  }
  if (bytes > maxReportBytes)
    throw new Refusal("implausible", "describes itself at a length that no video needs.");
  return Buffer.concat(chunks).toString("utf8");
};
