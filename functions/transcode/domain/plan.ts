import { createHash } from "node:crypto";
import { z } from "zod";
import { chunkStarts } from "./chunks.ts";
import { Refusal, spokenSeconds } from "./failure.ts";
import { ladderOf, type Rendition, renditionSchema } from "./ladder.ts";
import { reduce, toNumber } from "./rational.ts";
import { type Picture, type Source, sourceSchema } from "./source.ts";
import {
  audioRate,
  type Range,
  samplesPerAacFrame,
  seconds,
  segmentCount,
  segmentStart,
  type Timeline,
  timelineSchema,
} from "./timeline.ts";

/** Raised when the same source would be made into other bytes: part of the hash in every key. */
const recipeVersion = 2;

/** Everything that decides the bytes of a stream: two workers with one plan write the same. */
export const planSchema = z.strictObject({
  recipeVersion: z.literal(recipeVersion),
  source: sourceSchema,
  timeline: timelineSchema,
  /** None of sound alone. */
  renditions: z.array(renditionSchema).max(8),
  hasAudio: z.boolean(),
  /** Frames after the picture's end, which stands still while the sound goes on. */
  stillFrames: z.int().min(0),
  /** First segments of the chunks; one task each. */
  chunks: z.array(z.int().min(0)),
  posterRendition: z.string().optional(),
});
export type Plan = z.infer<typeof planSchema>;

export const limits = {
  maxSeconds: 12 * 3_600,
  minSide: 16,
  /** 8192 × 4320, the largest picture of H.264 level 6; ffmpeg is given the same number. */
  maxPixels: 35_389_440,
  /**
   * Pixels made per byte of source. An estimate: a black 1080p film at 20 bytes a frame stays below
   * it, a 26 KB file that claims 24 hours does not.
   */
  maxPixelsPerByte: 2_000_000,
  /** Sound made per bit of source. An estimate: silence in FLAC is about 1,000 bits a second. */
  minSoundBitsPerSecond: 200,
};

const leadSegments = 3;
const maxPosterWidth = 1280;
/** Below this a file's size says nothing about what it holds. */
const minBytes = 4_096;

/** Of sound alone a frame is one of AAC: every segment holds whole ones, exactly as many as it says. */
const soundTimelineOf = (endSeconds: number): Timeline => {
  const rate = reduce({ num: audioRate, den: samplesPerAacFrame });
  const gopFrames = Math.round(toNumber(rate) * 2);
  return {
    rate,
    gopFrames,
    segmentFrames: gopFrames * 3,
    leadSegments,
    totalFrames: Math.max(1, Math.ceil(endSeconds * toNumber(rate))),
  };
};

const timelineOf = (
  video: Picture,
  soundSeconds: number,
): { timeline: Timeline; stillFrames: number } => {
  const { rate } = video;
  const gopFrames = Math.max(1, Math.round(toNumber(rate) * 2));
  const frames = (seconds: number) => Math.max(1, Math.round(seconds * toNumber(rate)));
  const pictureFrames = frames(video.endSeconds);
  const soundFrames = frames(soundSeconds);
  // A second of sound after the last picture is cut; a song under one picture is not.
  const stillFrames =
    soundFrames - pictureFrames > toNumber(rate) ? soundFrames - pictureFrames : 0;
  return {
    timeline: {
      rate,
      gopFrames,
      segmentFrames: gopFrames * 3,
      leadSegments,
      totalFrames: pictureFrames + stillFrames,
    },
    stillFrames,
  };
};

const refuseTooLong = (timeline: Timeline): void => {
  const total = seconds(timeline, timeline.totalFrames);
  if (total > limits.maxSeconds)
    throw new Refusal(
      "too-long",
      `is ${spokenSeconds(total)} long; the longest that can be streamed is ${spokenSeconds(limits.maxSeconds)}.`,
    );
};

/** A small file may claim a great length, and would be made into that much. */
const refuseClaim = ({ bytes }: Source, timeline: Timeline): never => {
  throw new Refusal(
    "implausible",
    `claims to be ${spokenSeconds(seconds(timeline, timeline.totalFrames))} long, which its ${bytes} bytes cannot hold.`,
  );
};

const refuseImplausible = (
  source: Source,
  { width, height }: Picture,
  timeline: Timeline,
  renditions: Rendition[],
): void => {
  if (Math.min(width, height) < limits.minSide)
    throw new Refusal(
      "too-small",
      `is only ${width}×${height} pixels; the smallest picture that can be streamed is ${limits.minSide}×${limits.minSide}.`,
    );
  if (width * height > limits.maxPixels)
    throw new Refusal(
      "too-large",
      `has a picture of ${width}×${height} pixels; the largest that can be streamed has 8192×4320.`,
    );
  refuseTooLong(timeline);
  const pixels = renditions.reduce((sum, each) => sum + each.width * each.height, 0);
  if (pixels * timeline.totalFrames > limits.maxPixelsPerByte * Math.max(source.bytes, minBytes))
    refuseClaim(source, timeline);
};

const posterRenditionOf = (renditions: readonly Rendition[]): string =>
  (renditions.find(({ width }) => width <= maxPosterWidth) ?? renditions.at(-1))?.name ?? "";

const makeSoundPlan = (source: Source): Plan => {
  const timeline = soundTimelineOf(source.audio?.endSeconds ?? 0);
  refuseTooLong(timeline);
  const bits = Math.max(source.bytes, minBytes) * 8;
  if (seconds(timeline, timeline.totalFrames) * limits.minSoundBitsPerSecond > bits)
    refuseClaim(source, timeline);
  return {
    ...{ recipeVersion, source, timeline },
    renditions: [],
    hasAudio: true,
    stillFrames: 0,
    chunks: [],
  };
};

/**
 * The plan of a source: pure, so a repeated event makes the same plan and the same keys.
 *
 * @throws Refusal when the source is beyond the limits
 */
export const makePlan = (source: Source): Plan => {
  const { video, audio } = source;
  if (!video) return makeSoundPlan(source);
  const { timeline, stillFrames } = timelineOf(video, audio?.endSeconds ?? 0);
  const renditions = ladderOf(video, timeline.rate);
  refuseImplausible(source, video, timeline, renditions);
  return {
    recipeVersion,
    source,
    timeline,
    renditions,
    hasAudio: audio !== undefined,
    stillFrames,
    chunks: chunkStarts(timeline, video, renditions),
    posterRendition: posterRenditionOf(renditions),
  };
};

/** @throws Error for a plan of sound alone, whose tasks encode no picture */
export const pictureOf = ({ source }: Plan): Picture => {
  if (!source.video) throw new Error("The plan has no picture.");
  return source.video;
};

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  );
};

/** 16 hexadecimal digits of SHA-256 over the plan, whatever the order of its members. */
export const planHashOf = (plan: Plan): string =>
  createHash("sha256")
    .update(JSON.stringify(canonical(plan)))
    .digest("hex")
    .slice(0, 16);

/** Segments of chunk `index`. */
export const chunkSegments = (plan: Plan, index: number): Range => ({
  first: plan.chunks[index] ?? 0,
  end: plan.chunks[index + 1] ?? segmentCount(plan.timeline),
});

/** Frames of chunk `index`. */
export const chunkFrames = (plan: Plan, index: number): Range => {
  const { first, end } = chunkSegments(plan, index);
  return { first: segmentStart(plan.timeline, first), end: segmentStart(plan.timeline, end) };
};

/** Names of the folders that hold segments: every rendition, and `audio` if there is sound. */
export const trackNames = (plan: Plan): string[] => [
  ...plan.renditions.map(({ name }) => name),
  ...(plan.hasAudio ? [audioTrack] : []),
];

export const audioTrack = "audio";
