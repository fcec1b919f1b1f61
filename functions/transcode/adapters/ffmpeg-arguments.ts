import type { Rendition } from "../domain/ladder.ts";
import { chunkFrames, chunkSegments, type Plan, pictureOf } from "../domain/plan.ts";
import type { Storyboard } from "../domain/storyboard.ts";
import {
  frameMicroseconds,
  frameTicks,
  samplesPerAacFrame,
  seconds,
  segmentFrames,
  totalAacFrames,
  videoTimescale,
} from "../domain/timeline.ts";
import { guardedInput } from "./ffmpeg-limits.ts";

/**
 * The recipe. Frames are counted, never timed: `fps` puts the source on the grid of the plan's rate
 * by absolute time stamps, so every chunk cuts the same grid. Scaling is exact, since swscale's
 * bytes depend on the CPU otherwise.
 *
 * Encoders have one thread: with a rate cap, x264's threads look at how far the others have come,
 * and five runs wrote five different files (two threads, sliced or not; one thread: five equal ones).
 * The cores are kept busy by several tasks at a time.
 */
const encoderThreads = 1;
const decoderThreads = 2;
const scaleFlags = "bicubic+accurate_rnd+full_chroma_int+bitexact";
/** PTS from the start of the file, whatever its first one is, in all tasks alike. */
const absoluteTime = ["-copyts", "-start_at_zero"];
const quiet = ["-nostdin", "-nostats", "-hide_banner", "-loglevel", "error"];
const reproducible = ["-fflags", "+bitexact"];
/** More than half undecodable is no film any more; single damages are. */
const errorBudget = ["-max_error_rate", "0.5"];

/** Containers whose seeking lands on the keyframe before, by an index. */
const seeksExactly = /^(mov|matroska)/;
const inexactSeekSeconds = 10;

/** How much earlier than the chunk's first frame decoding starts. */
const preRollSeconds = (plan: Plan): number => {
  const { keyframeSeconds, interlaced } = pictureOf(plan);
  const forSeeking = seeksExactly.test(plan.source.format)
    ? 0
    : Math.max(inexactSeekSeconds, keyframeSeconds + 2);
  // The deinterlacer looks at the picture before; a keyframe at the border would leave it none.
  const forInterlaced = interlaced ? 1 : 0;
  return forSeeking + forInterlaced;
};

const seek = (plan: Plan, frame: number): string[] => {
  const target = frameMicroseconds(plan.timeline, frame) / 1_000_000 - preRollSeconds(plan);
  return target > 0 ? ["-noaccurate_seek", "-ss", target.toFixed(6)] : [];
};

/** BT.2020 PQ or HLG to BT.709 (zimg's units: 100 cd/m² is 1). */
const toneMap = [
  "zscale=transfer=linear:npl=100",
  "format=gbrpf32le",
  "zscale=primaries=bt709",
  "tonemap=tonemap=hable:desat=0",
  "zscale=transfer=bt709:matrix=bt709:range=tv",
  "format=yuv420p",
];

const frameFilters = (plan: Plan, frames: { readonly first: number; readonly end: number }) => {
  const video = pictureOf(plan);
  const { rate } = plan.timeline;
  const startsLater = seconds(plan.timeline, frames.first) < video.firstFrameSeconds;
  return [
    ...(video.interlaced ? ["bwdif=mode=send_frame:deint=interlaced"] : []),
    // Until the first picture comes, it stands still: the sound has begun already.
    `fps=${rate.num}/${rate.den}${startsLater || frames.first === 0 ? ":start_time=0" : ""}`,
    ...(plan.stillFrames > 0 ? [`tpad=stop_mode=clone:stop=${plan.stillFrames}`] : []),
    `trim=start_pts=${frames.first}:end_pts=${frames.end}`,
    ...(video.highDynamicRange ? toneMap : []),
  ];
};

const scaled = ({ width, height }: Rendition) =>
  `scale=${width}:${height}:flags=${scaleFlags},setsar=1,format=yuv420p`;

const encoded = (plan: Plan, chunk: number, rendition: Rendition): string[] => {
  const { timeline } = plan;
  const segments = chunkSegments(plan, chunk);
  const frames = chunkFrames(plan, chunk);
  const first = segmentFrames(timeline, segments.first);
  // Half a frame less than a segment: fragments end at the keyframe that begins the next one.
  const fragment = frameMicroseconds(timeline, first.end - first.first - 1);
  return [
    ...["-map", `[${rendition.name}]`, "-an", "-fps_mode", "passthrough"],
    ...["-frames:v", String(frames.end - frames.first)],
    ...["-c:v", "libx264", "-preset", "veryfast", "-threads", String(encoderThreads)],
    ...["-profile:v", "high", "-level:v", levelName(rendition.levelIdc)],
    ...["-crf", "23", "-maxrate", `${rendition.maxrateKbps}k`],
    ...["-bufsize", `${rendition.bufferKbit}k`],
    ...["-g", String(timeline.gopFrames), "-keyint_min", String(timeline.gopFrames)],
    ...["-sc_threshold", "0"],
    // The buffer is half full where a chunk begins, as it is on average in the middle of a film.
    ...(chunk === 0 ? [] : ["-x264-params", "vbv-init=0.5"]),
    ...["-flags:v", "+bitexact", ...reproducible],
    ...["-video_track_timescale", String(videoTimescale(timeline))],
    ...["-movflags", "+cmaf+frag_keyframe+frag_discont", "-min_frag_duration", String(fragment)],
    ...["-f", "mp4"],
  ];
};

const levelName = (idc: number) => `${Math.floor(idc / 10)}.${idc % 10}`;

/** Reads a chunk onto the grid and scales it: what the encoders are given, as `[720p]` and so on. */
export const framesArguments = (plan: Plan, chunk: number, url: string): string[] => {
  const { renditions } = plan;
  const frames = chunkFrames(plan, chunk);
  const inputs = renditions.map(({ name }) => `[in${name}]`).join("");
  const graph = [
    `[0:${pictureOf(plan).streamIndex}]${frameFilters(plan, frames).join(",")},split=${renditions.length}${inputs}`,
    ...renditions.map(
      (rendition) => `[in${rendition.name}]${scaled(rendition)}[${rendition.name}]`,
    ),
  ].join(";");
  return [
    ...quiet,
    ...errorBudget,
    ...absoluteTime,
    ...["-threads", String(decoderThreads)],
    ...seek(plan, frames.first),
    ...guardedInput(url),
    ...["-filter_complex_threads", "1", "-filter_complex", graph],
  ];
};

/** One process for all renditions of one chunk; output N goes to descriptor 3 + N. */
export const chunkArguments = (plan: Plan, chunk: number, url: string): string[] => [
  ...framesArguments(plan, chunk, url),
  ...plan.renditions.flatMap((rendition, index) => [
    ...encoded(plan, chunk, rendition),
    `pipe:${index + 3}`,
  ]),
];

/**
 * The sound of the whole film, as long as its pictures. The encoder's first frame holds nothing but
 * its delay: dropped, so that the first one kept decodes at 0.
 */
export const audioArguments = (plan: Plan, url: string): string[] => {
  const samples = totalAacFrames(plan.timeline) * samplesPerAacFrame;
  return [
    ...quiet,
    ...errorBudget,
    ...absoluteTime,
    ...guardedInput(url, plan.source.video ? "film" : "sound"),
    ...["-map", `0:${plan.source.audio?.streamIndex ?? 0}`, "-vn"],
    ...["-af", `aresample=48000:async=1:first_pts=0,apad,atrim=end_sample=${samples}`],
    ...["-ac", "2", "-c:a", "aac", "-b:a", "128k", "-flags:a", "+bitexact", ...reproducible],
    ...["-bsf:a", "noise=drop='lt(pts\\,0)'", "-avoid_negative_ts", "disabled"],
    ...["-movflags", "+cmaf+frag_every_frame+frag_discont", "-f", "mp4", "pipe:3"],
  ];
};

/** A picture is black when 95 % of it is (blackframe's own default is 98 %). */
const visible =
  "blackframe=amount=0:threshold=32,metadata=select:key=lavfi.blackframe.pblack:value=95:function=less";

/**
 * Of the keyframes the one nearest to what they have in common, so that a fade or a flash is not
 * the picture of a film.
 *
 * @param anyFrame for films that begin in the dark: black ones count too
 */
export const posterArguments = (url: string, anyFrame: boolean): string[] => [
  ...quiet,
  ...["-threads", "1", "-skip_frame", "nokey"],
  ...guardedInput(url),
  ...["-an", "-filter_threads", "1"],
  ...[
    "-vf",
    `${anyFrame ? "" : `${visible},`}thumbnail,scale='min(1280,iw)':-2:flags=${scaleFlags}`,
  ],
  ...["-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-threads", "1"],
  ...["-flags:v", "+bitexact", ...reproducible, "-f", "image2pipe", "pipe:3"],
];

/** The picture that goes with a song: a stranger's, so no larger than a poster comes out of it. */
export const coverArguments = (streamIndex: number, url: string): string[] => [
  ...quiet,
  ...["-threads", "1"],
  ...guardedInput(url, "cover"),
  ...["-map", `0:${streamIndex}`, "-filter_threads", "1"],
  ...[
    "-vf",
    `scale='min(1280,iw)':'min(1280,ih)':force_original_aspect_ratio=decrease:flags=${scaleFlags}`,
  ],
  ...["-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-threads", "1"],
  ...["-flags:v", "+bitexact", ...reproducible, "-f", "image2pipe", "pipe:3"],
];

/**
 * The sheets of a storyboard, one JPEG after another. Only keyframes are decoded: every picture is
 * one, at a decode time that is a whole number of intervals.
 */
export const storyboardArguments = (storyboard: Storyboard, url: string): string[] => {
  const { timeline, intervalFrames, columns, rows, width, height, sheets } = storyboard;
  const interval = frameTicks(timeline, intervalFrames);
  const filters = [
    `select='not(mod(pts,${interval}))'`,
    `scale=${width}:${height}:flags=${scaleFlags}`,
    "setsar=1",
    `tile=${columns}x${rows}`,
  ];
  return [
    ...quiet,
    ...absoluteTime,
    ...["-threads", "1", "-skip_frame", "nokey"],
    ...guardedInput(url),
    ...["-an", "-filter_threads", "1", "-vf", filters.join(","), "-fps_mode", "passthrough"],
    ...["-frames:v", String(sheets), "-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"],
    ...["-threads", "1", "-flags:v", "+bitexact", ...reproducible, "-f", "image2pipe", "pipe:3"],
  ];
};
