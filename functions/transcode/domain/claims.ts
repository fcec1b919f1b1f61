import { MalformedMediaError, readFragment } from "./fmp4.ts";
import type { CommitRequest, SegmentClaim } from "./office.ts";
import { audioTrack, type Plan } from "./plan.ts";
import { makesPoster, segmentsOfTask, type TaskSpec, writesInits } from "./tasks.ts";
import {
  frameTicks,
  samplesPerAacFrame,
  segmentAacFrames,
  segmentFrames,
  type Timeline,
} from "./timeline.ts";

/** A moof of 10 s at 60 frames a second, 16 bytes each, is below this. */
export const claimStartBytes = 16 * 1024;

const plannedFrames = (timeline: Timeline, track: string, number: number): number => {
  const { first, end } =
    track === audioTrack ? segmentAacFrames(timeline, number) : segmentFrames(timeline, number);
  return end - first;
};

const decodeTime = (timeline: Timeline, track: string, number: number): number =>
  track === audioTrack
    ? segmentAacFrames(timeline, number).first * samplesPerAacFrame
    : frameTicks(timeline, segmentFrames(timeline, number).first);

/**
 * What is wrong with a segment's claim by itself, in words for the log; undefined when nothing is.
 *
 * @param start the first `claimStartBytes` of the object
 */
export const segmentFault = (
  plan: Plan,
  claim: SegmentClaim,
  start: Uint8Array,
): string | undefined => {
  try {
    const fragment = readFragment(start);
    const expected = decodeTime(plan.timeline, claim.track, claim.number);
    if (fragment.decodeTime !== expected)
      return `its decode time is ${fragment.decodeTime}, not ${expected}`;
    if (fragment.sampleSizes.length !== claim.frames)
      return `it holds ${fragment.sampleSizes.length} frames, not ${claim.frames}`;
    return undefined;
  } catch (error) {
    if (error instanceof MalformedMediaError) return error.message;
    throw error;
  }
};

/** What is claimed, or said, that only tasks of another kind may; undefined when nothing is. */
export const foreignClaim = (
  plan: Plan,
  spec: TaskSpec,
  request: CommitRequest,
): string | undefined => {
  const { inits, poster, storyboard, metadata } = request;
  if (poster && !makesPoster(plan, spec)) return "the poster";
  if (storyboard && spec.kind !== "thumbnail") return "the storyboard";
  if (metadata && spec.kind !== "metadata") return "the metadata";
  return inits.length > 0 && segmentsOfTask(plan, spec).tracks.length === 0
    ? "an init segment"
    : undefined;
};

/**
 * What is wrong with the claims as a whole; undefined when nothing is. A track may end early, at
 * the source's end: then nothing follows its short segment, and the task is finished.
 *
 * @param recorded `track/number` of what earlier commits recorded within the task
 */
export const claimsFault = (
  plan: Plan,
  spec: TaskSpec,
  request: Pick<CommitRequest, "segments" | "inits" | "finished">,
  recorded: ReadonlySet<string>,
): string | undefined => {
  const { tracks, segments } = segmentsOfTask(plan, spec);
  const present = new Set(recorded);
  for (const { track, number, frames } of request.segments) {
    if (!tracks.includes(track) || number < segments.first || number >= segments.end)
      return `${track}/${number} is not of this task`;
    const planned = plannedFrames(plan.timeline, track, number);
    if (frames > planned) return `${track}/${number} has more frames than planned`;
    if (frames < planned && (spec.kind === "audio" || !request.finished))
      return `${track}/${number} is too short`;
    present.add(`${track}/${number}`);
    const needsInit = writesInits(spec) && number === 0;
    if (needsInit && !request.inits.some((init) => init.track === track))
      return `${track} comes without its init segment`;
  }
  const short = request.segments.filter(
    ({ track, number, frames }) => frames < plannedFrames(plan.timeline, track, number),
  );
  if (short.some(({ track, number }) => present.has(`${track}/${number + 1}`)))
    return "a segment follows one that is too short";
  if (!request.finished) return undefined;

  const ends = tracks.map((track) => {
    let number = segments.first;
    while (number < segments.end && present.has(`${track}/${number}`)) number += 1;
    return number;
  });
  if (new Set(ends).size > 1) return "the tracks do not end together";
  if (new Set(short.map(({ frames }) => frames)).size > 1)
    return "the tracks do not have equally many frames";
  if (spec.kind === "audio" && ends[0] !== segments.end) return "sound is missing";
  const count = (ends[0] ?? segments.first) - segments.first;
  if (present.size !== count * tracks.length) return "a segment is missing between others";
  return undefined;
};
