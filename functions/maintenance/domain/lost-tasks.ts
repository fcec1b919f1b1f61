import { dueTasks } from "../../transcode/domain/tasks.ts";
import type { TaskSigns, VideoSigns } from "../ports.ts";
import { hopeless, taskPatience, unsentMs } from "./patience.ts";

export interface TaskVerdict {
  /** To be sent again. */
  readonly lost: readonly string[];
  /** To be given up: sent and tried often enough. */
  readonly hopeless: readonly string[];
  /** All is done, and whoever did the last of it died before it could say so. */
  readonly isUnsettled: boolean;
}

/**
 * Which tasks of a video are lost. One that a worker began is judged by itself. One that none has
 * begun may wait behind others, for as long as anything moves in its video; one that is with nobody
 * waits for nothing.
 */
export const judgeTasks = (video: VideoSigns, now: Date): TaskVerdict => {
  const { silentMs, unbegunMs } = taskPatience[video.dispatch];
  const { lastSign, since, unfinished } = video;
  const age = (moment: Date) => now.getTime() - moment.getTime();
  const silence = Math.min(age(since), age(lastSign ?? since));
  const isLost = ({ dispatchedAt, seenAt }: TaskSigns): boolean => {
    if (dispatchedAt === undefined) return age(since) > unsentMs;
    const hasBegun = seenAt !== undefined && seenAt >= dispatchedAt;
    return hasBegun ? age(seenAt) > silentMs : silence > unbegunMs;
  };
  const isHopeless = ({ dispatches, attempts }: TaskSigns): boolean =>
    dispatches >= hopeless.dispatches && attempts >= hopeless.attempts;

  const lost = dueTasks(unfinished).filter(isLost);
  const ids = (tasks: readonly TaskSigns[]) => tasks.map(({ taskId }) => taskId);
  return {
    lost: ids(lost.filter((task) => !isHopeless(task))),
    hopeless: ids(lost.filter(isHopeless)),
    isUnsettled: unfinished.length === 0 && silence > silentMs,
  };
};
