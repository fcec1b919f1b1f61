import type { PackageQueue, PipelineStore, TaskFile } from "../ports.ts";
import { failureOf, Refusal } from "./failure.ts";

export interface RetireTaskPorts {
  readonly store: PipelineStore;
  readonly packages: PackageQueue;
}

const predicates = {
  undecodable: "is damaged: too little of it can be decoded.",
  "gave-up":
    "could not be transcoded: several attempts failed. Upload it again, or convert it first.",
} as const;

/** Why a task that is given up takes its video with it. */
export const refusalOfTask = (failure: keyof typeof predicates): Refusal =>
  new Refusal(failure, predicates[failure]);

/**
 * What follows when a task will never be done, whoever found out: its worker, the last delivery that
 * failed, or the sweeper.
 */
export const retireTask =
  ({ store, packages }: RetireTaskPorts) =>
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
