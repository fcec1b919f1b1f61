import { Refusal, spokenSeconds } from "./failure.ts";
import { chunkFrames, type Plan } from "./plan.ts";
import { seconds } from "./timeline.ts";

/** Frames that came out of a finished video task. */
export interface ChunkResult {
  readonly chunk: number;
  readonly frames: number;
}

/** Missing at the end beyond the larger of both: the file was cut off, not just measured badly. */
const tolerance = { seconds: 2, share: 0.02 };

/**
 * Containers lie about duration, so the length is a result. A task that made fewer frames than
 * planned found the source's end there.
 *
 * @returns frames of the whole video, as far as the finished tasks show
 * @throws Refusal when so much is missing that the file must have been cut off
 */
export const framesThatCame = (plan: Plan, finished: readonly ChunkResult[]): number => {
  const planned = plan.timeline.totalFrames;
  const ends = finished.flatMap(({ chunk, frames }) => {
    const range = chunkFrames(plan, chunk);
    return frames < range.end - range.first ? [range.first + frames] : [];
  });
  const came = Math.min(planned, ...ends);
  const missing = seconds(plan.timeline, planned - came);
  const whole = seconds(plan.timeline, planned);
  if (came === 0) throw new Refusal("undecodable", "is damaged: no picture in it can be decoded.");
  if (missing > Math.max(tolerance.seconds, tolerance.share * whole))
    throw new Refusal(
      "cut-off",
      `is cut off: only the first ${spokenSeconds(seconds(plan.timeline, came))} of ${spokenSeconds(whole)} can be decoded. Upload the whole file again.`,
    );
  return came;
};
