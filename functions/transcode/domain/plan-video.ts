import type { Announce } from "../../webhooks/ports.ts";
import type { Log, PipelineStore, Prober, SourceStore, StoredPlan, TaskQueues } from "../ports.ts";
import { dispatchTasks } from "./dispatch-tasks.ts";
import { failureOf, Refusal } from "./failure.ts";
import { makePlan, planHashOf } from "./plan.ts";
import { dueTasks, tasksOf } from "./tasks.ts";

export interface PlanVideoPorts {
  readonly store: PipelineStore;
  readonly sources: SourceStore;
  readonly prober: Prober;
  readonly queues: TaskQueues;
  readonly announce: Announce;
}

/**
 * A source has arrived. S3 reports it at least once, so a report may find its plan there already
 * and then only sends again what is not finished.
 */
export const planVideo = ({ store, sources, prober, queues, announce }: PlanVideoPorts) => {
  const dispatch = dispatchTasks({ store, queues });
  return async (videoId: string, log: Log, signal: AbortSignal): Promise<void> => {
    const video = await store.findVideo(videoId);
    if (!video || video.status === "failed" || video.status === "deleting") {
      log.info("Nobody waits for this source", { video_id: videoId });
      await sources.remove(videoId);
      return;
    }
    if (video.status === "packaging" || video.status === "ready") return;
    const object = await sources.describe(videoId);
    if (!object) return;

    try {
      const known = await store.findPlan(videoId);
      const stored = known ?? (await makeAndStore(videoId, object));
      if (stored.sourceEtag !== object.etag) {
        log.warn("The source is not the one that was planned", { video_id: videoId });
        return;
      }
      const due = dueTasks(await store.unfinishedTasks(videoId));
      await dispatch(video, due);
      log.info("Planned", {
        video_id: videoId,
        plan_hash: stored.planHash,
        tasks: due.length,
        dispatch: video.dispatch,
        repeated: known !== undefined,
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      log.info("Refused", { video_id: videoId, failure_code: error.code });
      await store.fail(videoId, failureOf(error, video.fileName));
      await announce(videoId);
      await sources.remove(videoId);
      await store.noteCleaned(videoId);
    }

    async function makeAndStore(
      id: string,
      described: { readonly bytes: number; readonly etag: string },
    ): Promise<StoredPlan> {
      const plan = makePlan(await prober.probe(id, described, signal));
      const planned = { plan, planHash: planHashOf(plan), sourceEtag: described.etag };
      return store.savePlan(id, planned, tasksOf(plan, id));
    }
  };
};

/** After the last attempt: a video that says so is better than one that is planned for ever. */
export const giveUpPlanning =
  ({ store, sources, announce }: Pick<PlanVideoPorts, "store" | "sources" | "announce">) =>
  async (videoId: string): Promise<void> => {
    const video = await store.findVideo(videoId);
    if (!video || (video.status !== "uploading" && video.status !== "planning")) return;
    const refusal = new Refusal("gave-up", "could not be read: several attempts failed.");
    if (!(await store.fail(videoId, failureOf(refusal, video.fileName)))) return;
    await announce(videoId);
    await sources.remove(videoId);
    await store.noteCleaned(videoId);
  };
