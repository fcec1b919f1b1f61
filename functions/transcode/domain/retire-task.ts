import type { PackageQueue, PipelineStore, TaskFile } from "../ports.ts";
import { failureOf, Refusal } from "./failure.ts";
import type { Occasion } from "./settle-video.ts";
import { isOptional } from "./tasks.ts";

const predicates = {
  undecodable: "is damaged: too little of it can be decoded.",
  "gave-up":
    "could not be transcoded: several attempts failed. Upload it again, or convert it first.",
} as const;

/** Why a task that is given up takes its video with it. */
export const refusalOfTask = (failure: keyof typeof predicates): Refusal =>
  new Refusal(failure, predicates[failure]);

interface FailVideoPorts {
  readonly store: PipelineStore;
  readonly packages: PackageQueue;
}

/** A verdict on the whole video. */
export const failVideo =
  ({ store, packages }: FailVideoPorts) =>
  async ({ video, stored }: TaskFile, refusal: Refusal): Promise<void> => {
    await store.fail(video.videoId, failureOf(refusal, video.fileName));
    // The packager has the rights to remove what was made so far, and the source.
    await packages.send({
      version: 1,
      videoId: video.videoId,
      planHash: stored.planHash,
      correlationId: video.correlationId,
    });
  };

export interface RetireTaskPorts extends FailVideoPorts {
  /** Brings about what follows from what was recorded. */
  readonly settle: (videoId: string, occasion: Occasion) => Promise<void>;
}

/**
 * What follows when a task will never be done, whoever found out: its worker, the last delivery that
 * failed, or the sweeper. A video is whole without what some tasks make; the others take it with
 * them.
 */
export const retireTask =
  ({ store, packages, settle }: RetireTaskPorts) =>
  async (file: TaskFile, refusal: Refusal): Promise<void> => {
    const { task, video } = file;
    if (!isOptional(task.spec)) return failVideo({ store, packages })(file, refusal);
    const nothing = { segments: [], inits: [], poster: false, storyboard: false };
    const { videoId } = video;
    await store.record({ videoId, taskId: task.taskId, ...nothing, finished: true });
    await settle(videoId, { repeated: true });
  };
