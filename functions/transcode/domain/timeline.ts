import { z } from "zod";
import { rationalSchema } from "./rational.ts";

/** Sampling rate of every audio rendition, and samples of one AAC-LC frame (ISO/IEC 14496-3). */
export const audioRate = 48_000;
export const samplesPerAacFrame = 1_024;

/**
 * How a video is cut, in whole frames. All renditions share it. The first segments are one GOP
 * long, so that play starts early; the others are `segmentFrames` long; the last may be shorter.
 */
export const timelineSchema = z.strictObject({
  rate: rationalSchema,
  gopFrames: z.int().min(1),
  segmentFrames: z.int().min(1),
  leadSegments: z.int().min(0),
  totalFrames: z.int().min(1),
});
export type Timeline = z.infer<typeof timelineSchema>;

/** Half open, like every range here: `first` belongs to it, `end` does not. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

export const segmentCount = (timeline: Timeline): number => {
  const leadFrames = timeline.leadSegments * timeline.gopFrames;
  if (timeline.totalFrames <= leadFrames)
    return Math.ceil(timeline.totalFrames / timeline.gopFrames);
  return (
    timeline.leadSegments + Math.ceil((timeline.totalFrames - leadFrames) / timeline.segmentFrames)
  );
};

/** The first frame of segment `number`; of the segment after the last: the total. */
export const segmentStart = (timeline: Timeline, number: number): number => {
  const { gopFrames, segmentFrames, leadSegments, totalFrames } = timeline;
  const frames =
    number <= leadSegments
      ? number * gopFrames
      : leadSegments * gopFrames + (number - leadSegments) * segmentFrames;
  return Math.min(frames, totalFrames);
};

export const segmentFrames = (timeline: Timeline, number: number): Range => ({
  first: segmentStart(timeline, number),
  end: segmentStart(timeline, number + 1),
});

/** The segment that holds a frame. */
export const segmentOfFrame = (timeline: Timeline, frame: number): number => {
  const { gopFrames, segmentFrames: frames, leadSegments } = timeline;
  const leadFrames = leadSegments * gopFrames;
  return frame < leadFrames
    ? Math.floor(frame / gopFrames)
    : leadSegments + Math.floor((frame - leadFrames) / frames);
};

/**
 * AAC frames of segment `number`: those that start at or after the video's segment does and before
 * the next one. Every segment has at least one, so that all tracks have equally many segments.
 */
export const segmentAacFrames = (timeline: Timeline, number: number): Range => {
  const boundary = (at: number) =>
    Math.ceil(
      (segmentStart(timeline, at) * timeline.rate.den * audioRate) /
        (timeline.rate.num * samplesPerAacFrame),
    );
  const first = boundary(number);
  return { first, end: Math.max(boundary(number + 1), first + 1) };
};

export const totalAacFrames = (timeline: Timeline): number =>
  segmentAacFrames(timeline, segmentCount(timeline) - 1).end;

/** Microseconds from the start, rounded once, so that differences of neighbours sum exactly. */
export const frameMicroseconds = ({ rate }: Timeline, frame: number): number =>
  Math.round((frame * rate.den * 1_000_000) / rate.num);

export const aacFrameMicroseconds = (frame: number): number =>
  Math.round((frame * samplesPerAacFrame * 1_000_000) / audioRate);

export const seconds = ({ rate }: Timeline, frames: number): number =>
  (frames * rate.den) / rate.num;

/** Ticks a second of the video tracks: a multiple of the rate, fine enough for every player. */
export const videoTimescale = ({ rate }: Timeline): number =>
  rate.num * Math.ceil(10_000 / rate.num);

/** Decode time of a frame, in ticks of `videoTimescale`: exact, as the rate divides it. */
export const frameTicks = (timeline: Timeline, frame: number): number =>
  frame * timeline.rate.den * (videoTimescale(timeline) / timeline.rate.num);
