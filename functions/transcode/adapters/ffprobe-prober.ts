import { createInterface } from "node:readline";
import { Refusal } from "../domain/failure.ts";
import { type Packet, samplingIntervals, samplingOf } from "../domain/packet-sampling.ts";
import {
  probeReportSchema,
  type Selection,
  selectStreams,
  sourceOf,
} from "../domain/probe-report.ts";
import { refuseWhatIsNoVideo } from "../domain/sniff.ts";
import type { Source } from "../domain/source.ts";
import type { Prober, SourceObject, SourceStore } from "../ports.ts";
import { guardedInput } from "./ffmpeg-limits.ts";
import { FfmpegError, startFfmpeg } from "./ffmpeg-process.ts";
import { ffprobeReport } from "./ffprobe-report.ts";
import { type LoopbackSource, openLoopbackSource } from "./loopback-source-proxy.ts";

const sniffedBytes = 4_096;
const maxPackets = 4_000_000;
const limitMs = { streams: 60_000, sampling: 60_000, whole: 240_000 };

/** Looks at the beginning, the middle and the end of a source; reads it whole only if it must. */
export const createFfprobeProber = (sources: Pick<SourceStore, "read">): Prober => ({
  async probe(videoId: string, object: SourceObject, signal: AbortSignal): Promise<Source> {
    if (object.bytes === 0) throw new Refusal("not-a-video", "is not a video: it is empty.");
    const start = await sources.read(videoId, 0, Math.min(object.bytes, sniffedBytes), signal);
    refuseWhatIsNoVideo(start);
    const proxy = await openLoopbackSource({
      bytes: object.bytes,
      read: (first, end, readSignal) => sources.read(videoId, first, end, readSignal),
      signal,
    });
    try {
      const selection = selectStreams(await readReport(proxy, signal));
      const sampling = await sample(proxy, selection, object.bytes, signal);
      return sourceOf(selection, sampling, object.bytes);
    } catch (error) {
      // A read that failed says nothing about the file.
      const failure = proxy.failure();
      if (failure) throw failure;
      throw error;
    } finally {
      await proxy.close();
    }
  },
});

const readReport = async (proxy: LoopbackSource, signal: AbortSignal) => {
  const shows = ["-show_format", "-show_streams"];
  try {
    const report = await ffprobeReport(proxy.url, shows, within(signal, limitMs.streams));
    return probeReportSchema.parse(report);
  } catch (error) {
    if (error instanceof FfmpegError && error.exitCode !== undefined) throw verdictOn(error);
    throw refusalOfTimeout(error, signal);
  }
};

const verdictOn = ({ stderr }: FfmpegError): Refusal =>
  stderr.includes("moov atom not found")
    ? new Refusal(
        "cut-off",
        "is cut off or damaged: the index at its end is missing. Upload the whole file again.",
      )
    : new Refusal("not-a-video", "is not a video in a format that can be read.");

/** Our own time limit is the file's fault; the caller's signal is not. */
const refusalOfTimeout = (error: unknown, caller: AbortSignal): unknown =>
  error instanceof DOMException && error.name === "TimeoutError" && !caller.aborted
    ? new Refusal("unreadable", "could not be read within the time allowed: its index is damaged.")
    : error;

const sample = async (
  proxy: LoopbackSource,
  selection: Selection,
  bytes: number,
  signal: AbortSignal,
) => {
  const intervals = samplingIntervals(selection, bytes);
  if (intervals) {
    const packets = await readPackets(proxy, intervals, within(signal, limitMs.sampling)).catch(
      (error: unknown) => {
        if (error instanceof FfmpegError) return [];
        throw refusalOfTimeout(error, signal);
      },
    );
    const sampling = samplingOf(selection, packets, false);
    if (sampling) return sampling;
  }
  const all = await readPackets(proxy, [], within(signal, limitMs.whole)).catch(
    (error: unknown) => {
      if (error instanceof FfmpegError) return [];
      throw refusalOfTimeout(error, signal);
    },
  );
  const sampling = samplingOf(selection, all, true);
  if (!sampling)
    throw new Refusal(
      "undecodable",
      `is damaged: no ${selection.video ? "picture" : "sound"} in it can be read.`,
    );
  return sampling;
};

const readPackets = async (
  proxy: LoopbackSource,
  intervals: readonly string[],
  signal: AbortSignal,
): Promise<Packet[]> => {
  const { stdout, done } = startFfmpeg({
    program: "ffprobe",
    arguments: [
      ...["-v", "error", "-of", "csv=p=0:nk=0"],
      ...["-show_entries", "packet=stream_index,pts_time,duration_time,flags"],
      ...(intervals.length > 0 ? ["-read_intervals", intervals.join(",")] : []),
      ...guardedInput(proxy.url, "probe"),
    ],
    signal,
  });
  const packets: Packet[] = [];
  const settled = done.catch((error: unknown) => ({ error }));
  for await (const line of createInterface({ input: stdout })) {
    const packet = packetOf(line);
    if (packet && packets.length < maxPackets) packets.push(packet);
  }
  const failure = await settled;
  // What was read before the damage counts.
  if (failure && !(failure.error instanceof FfmpegError && packets.length > 0)) throw failure.error;
  return packets;
};

const packetOf = (line: string): Packet | undefined => {
  const fields = new Map(
    line.split(",").map((field) => {
      const [name = "", value = ""] = field.split("=");
      return [name, value] as const;
    }),
  );
  const seconds = Number(fields.get("pts_time") ?? "N/A");
  if (!Number.isFinite(seconds)) return undefined;
  const duration = Number(fields.get("duration_time") ?? "N/A");
  return {
    streamIndex: Number(fields.get("stream_index")),
    seconds,
    duration: Number.isFinite(duration) ? duration : 0,
    isKey: fields.get("flags")?.startsWith("K") ?? false,
  };
};

const within = (signal: AbortSignal, milliseconds: number) =>
  AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
