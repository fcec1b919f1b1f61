import type { Readable } from "node:stream";
import { join } from "../domain/fmp4.ts";
import { splitJpegs } from "../domain/jpeg.ts";
import { maxPosterBytes } from "../domain/office.ts";
import { audioTrack, type Plan } from "../domain/plan.ts";
import { storyboardLimits } from "../domain/storyboard.ts";
import { type Encoder, type EncoderInput, type EncoderRun, UndecodableError } from "../ports.ts";
import type { RangeReader } from "./block-cache.ts";
import { readConcatenated } from "./concatenated-reader.ts";
import {
  audioArguments,
  chunkArguments,
  coverArguments,
  posterArguments,
  storyboardArguments,
} from "./ffmpeg-arguments.ts";
import { FfmpegError, startFfmpeg } from "./ffmpeg-process.ts";
import { type LoopbackSource, openLoopbackSource } from "./loopback-source-proxy.ts";

/** ffmpeg's exit status when `-max_error_rate` was exceeded. */
const errorRateExceeded = 69;
const coverLimitMs = 30_000;

/** @param readerOf how to read ranges of what a link points to */
export const createFfmpegEncoder = (readerOf: (url: string) => RangeReader): Encoder => {
  const run = async (
    input: EncoderInput,
    tracks: readonly string[],
    argumentsFor: (url: string) => string[],
    signal: AbortSignal,
  ): Promise<EncoderRun> => {
    const proxy = await openLoopbackSource({
      bytes: input.bytes,
      read: readerOf(input.url),
      signal,
    });
    const { pipes, done } = startFfmpeg({
      program: "ffmpeg",
      arguments: argumentsFor(proxy.url),
      extraPipes: tracks.length,
      signal,
    });
    const judged = judge(done, proxy);
    judged.catch(() => {});
    return {
      outputs: tracks.map((track, index) => {
        const pipe = pipes[index];
        if (!pipe) throw new Error(`There is no pipe for ${track}.`);
        return { track, stream: untilDone(pipe, judged) };
      }),
      done: judged,
    };
  };

  return {
    encodeChunk: (plan: Plan, chunk, input, signal) =>
      run(
        input,
        plan.renditions.map(({ name }) => name),
        (url) => chunkArguments(plan, chunk, url),
        signal,
      ),
    encodeAudio: (plan, input, signal) =>
      run(input, [audioTrack], (url) => audioArguments(plan, url), signal),
    async makePoster(movie, signal) {
      const proxy = await openLoopbackSource({
        bytes: movie.length,
        read: async (first, end) => movie.subarray(first, end),
        signal,
      });
      try {
        const visible = await picturesOf(posterArguments(proxy.url, false), maxPosterBytes, signal);
        if (visible.length > 0) return visible;
        const dark = await picturesOf(posterArguments(proxy.url, true), maxPosterBytes, signal);
        return dark.length > 0 ? dark : undefined;
      } finally {
        await proxy.close();
      }
    },
    async makeCover(streamIndex, input, signal) {
      const proxy = await openLoopbackSource({
        bytes: input.bytes,
        read: readerOf(input.url),
        signal,
      });
      const limited = AbortSignal.any([signal, AbortSignal.timeout(coverLimitMs)]);
      try {
        const args = coverArguments(streamIndex, proxy.url);
        const picture = await picturesOf(args, maxPosterBytes, limited);
        return picture.length > 0 ? picture : undefined;
      } catch (error) {
        const failure = proxy.failure();
        if (failure) throw failure;
        const isVerdict = error instanceof FfmpegError && error.exitCode !== undefined;
        // It ran to its end and said no, or would never end: it would the next time too.
        if (isVerdict || (limited.aborted && !signal.aborted)) return undefined;
        throw error;
      } finally {
        await proxy.close();
      }
    },
    async makeStoryboard(storyboard, movie, signal) {
      const proxy = await openLoopbackSource({
        bytes: movie.reduce((sum, { bytes }) => sum + bytes, 0),
        read: readConcatenated(movie, readerOf),
        signal,
      });
      try {
        const { maxSheetBytes } = storyboardLimits;
        const args = storyboardArguments(storyboard, proxy.url);
        return splitJpegs(await picturesOf(args, storyboard.sheets * maxSheetBytes, signal));
      } catch (error) {
        throw proxy.failure() ?? error;
      } finally {
        await proxy.close();
      }
    },
  };
};

/** An output that ends without a word may have been cut: it ends well only if ffmpeg does. */
async function* untilDone(pipe: Readable, done: Promise<void>): AsyncGenerator<Uint8Array> {
  yield* pipe;
  await done;
}

const judge = async (done: Promise<void>, proxy: LoopbackSource): Promise<void> => {
  try {
    await done;
  } catch (error) {
    throw proxy.failure() ?? verdictOn(error);
  } finally {
    await proxy.close();
  }
  // ffmpeg takes a cut connection for the end of the film.
  const failure = proxy.failure();
  if (failure) throw failure;
};

const verdictOn = (error: unknown): unknown => {
  if (!(error instanceof FfmpegError)) return error;
  const isSourceToBlame =
    error.exitCode === errorRateExceeded ||
    /Invalid data found|moov atom not found|matches no streams|Decoder .* not found/.test(
      error.stderr,
    );
  return error.exitCode !== undefined && isSourceToBlame
    ? new UndecodableError(error.message, { cause: error })
    : error;
};

const picturesOf = async (
  args: readonly string[],
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const { pipes, done } = startFfmpeg({
    program: "ffmpeg",
    arguments: args,
    extraPipes: 1,
    signal,
  });
  const settled = done.catch((error: unknown) => ({ error }));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of pipes[0] ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error("The picture is too large.");
    chunks.push(chunk);
  }
  const failure = await settled;
  if (failure) throw failure.error;
  return join(chunks);
};
