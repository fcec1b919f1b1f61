import { createHash } from "node:crypto";
import { z } from "zod";
import { chunkStarts } from "./chunks.ts";
import { Refusal, spokenSeconds } from "./failure.ts";
import { ladderOf, type Rendition, renditionSchema } from "./ladder.ts";
import { toNumber } from "./rational.ts";
import { type Source, sourceSchema } from "./source.ts";
import {
  type Range,
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
  renditions: z.array(renditionSchema).min(1).max(8),
  hasAudio: z.boolean(),
  /** Frames after the picture's end, which stands still while the sound goes on. */
  stillFrames: z.int().min(0),
  /** First segments of the chunks; one task each. */
  chunks: z.array(z.int().min(0)).min(1),
  posterRendition: z.string(),
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
};

const leadSegments = 3;
const maxPosterWidth = 1280;

const timelineOf = (source: Source): { timeline: Timeline; stillFrames: number } => {
  const { rate } = source.video;
  const gopFrames = Math.max(1, Math.round(toNumber(rate) * 2));
  const frames = (seconds: number) => Math.max(1, Math.round(seconds * toNumber(rate)));
  const pictureFrames = frames(source.video.endSeconds);
  const soundFrames = frames(source.audio?.endSeconds ?? 0);
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

const refuseImplausible = (source: Source, timeline: Timeline, renditions: Rendition[]): void => {
  const { width, height } = source.video;
  const total = timeline.totalFrames / toNumber(timeline.rate);
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
  if (total > limits.maxSeconds)
    throw new Refusal(
      "too-long",
      `is ${spokenSeconds(total)} long; the longest video that can be streamed is ${spokenSeconds(limits.maxSeconds)}.`,
    );
  const pixels = renditions.reduce((sum, each) => sum + each.width * each.height, 0);
  if (pixels * timeline.totalFrames > limits.maxPixelsPerByte * Math.max(source.bytes, 4_096))
    throw new Refusal(
      "implausible",
      `claims to be ${spokenSeconds(total)} long, which its ${source.bytes} bytes cannot hold.`,
    );
};

const posterRenditionOf = (renditions: readonly Rendition[]): string =>
  (renditions.find(({ width }) => width <= maxPosterWidth) ?? renditions.at(-1))?.name ?? "";

/**
 * The plan of a source: pure, so a repeated event makes the same plan and the same keys.
 *
 * @throws Refusal when the source is beyond the limits
 */
export const makePlan = (source: Source): Plan => {
  const { timeline, stillFrames } = timelineOf(source);
  const renditions = ladderOf(source.video, timeline.rate);
  refuseImplausible(source, timeline, renditions);
  return {
    recipeVersion,
    source,
    timeline,
    renditions,
    hasAudio: source.audio !== undefined,
    stillFrames,
    chunks: chunkStarts(timeline, source.video, renditions),
    posterRendition: posterRenditionOf(renditions),
  };
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
