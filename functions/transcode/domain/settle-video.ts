import type { TaskKind } from "@sluice/contracts";
import type { MediaStore, PackageQueue, PipelineStore, Progress, TaskQueues } from "../ports.ts";
import { dispatchTasks } from "./dispatch-tasks.ts";
import { frontierOf } from "./frontier.ts";
import { type MediaKeys, mediaKeys } from "./keys.ts";
import { framesThatCame } from "./outcome.ts";
import { type Plan, trackNames } from "./plan.ts";
import { masterPlaylist, mediaPlaylist, playableMs } from "./playlists.ts";
import { dueTasks } from "./tasks.ts";
import { segmentCount } from "./timeline.ts";

export interface SettleVideoPorts {
  readonly store: PipelineStore;
  readonly media: MediaStore;
  readonly packages: PackageQueue;
  readonly queues: TaskQueues;
}

/** Why everything is brought up to date. */
export interface Occasion {
  /** An earlier call may have died half way. */
  readonly repeated: boolean;
  /** The task that has just been finished, if one was. */
  readonly finished?: TaskKind;
}

const maxWriteAttempts = 8;

/**
 * Writes a playlist unless the one that is there shows as much: it only ever grows, whoever comes
 * late.
 *
 * @throws Error when others kept changing it, so that the caller is tried again
 */
export const growPlaylist = async (
  media: MediaStore,
  key: string,
  text: string,
  state: { readonly segments: number; readonly ended: boolean },
): Promise<void> => {
  for (let attempt = 0; attempt < maxWriteAttempts; attempt += 1) {
    const present = await media.playlistState(key);
    if (present && (present.ended || (!state.ended && present.segments >= state.segments))) return;
    if (await media.writePlaylist(key, text, state, present)) return;
  }
  throw new Error(`The playlist ${key} kept changing.`);
};

/**
 * Brings everything that follows from the recorded segments up to date: playlists, the frontier,
 * the tasks that wait for others, the packaging. Called after every commit, and again when in doubt.
 *
 * @throws Refusal when the finished tasks show that the source was cut off
 */
export const settleVideo = ({ store, media, packages, queues }: SettleVideoPorts) => {
  const dispatch = dispatchTasks({ store, queues });
  return async (videoId: string, { repeated, finished }: Occasion): Promise<void> => {
    const stored = await store.findPlan(videoId);
    if (!stored) return;
    const { plan, planHash } = stored;
    // In this order: a frontier read after the segments would hide that they are not shown yet.
    const video = await store.findVideo(videoId);
    if (!video) return;
    const progress = await store.progress(videoId, plan);
    const totalFrames = framesThatCame(plan, progress.finishedChunks);
    const timeline = { ...plan.timeline, totalFrames };
    const frontier = Math.min(frontierOf(trackNames(plan), progress.runs), segmentCount(timeline));

    if (video.status === "transcoding" && frontier > 0 && (repeated || frontier > video.frontier)) {
      await show(media, plan, mediaKeys(videoId, planHash), { frontier, totalFrames });
      await store.advance(videoId, frontier, playableMs(timeline, frontier));
    }
    if ((repeated || finished === "transcode") && isStoryboardDue(progress.unfinished)) {
      const due = dueTasks(await store.unfinishedTasks(videoId));
      await dispatch(
        video,
        due.filter(({ spec }) => spec.kind === "thumbnail"),
      );
    }
    const isFinished = progress.unfinished.size === 0;
    if (isFinished && (await store.beginPackaging(videoId)) === "packaging")
      await packages.send({
        version: 1,
        videoId,
        planHash,
        correlationId: video.correlationId,
      });
  };
};

const isStoryboardDue = (unfinished: Progress["unfinished"]) =>
  unfinished.has("thumbnail") && !unfinished.has("transcode");

/** The lists of the tracks before the one that names them, so that no reader finds a dead link. */
const show = async (
  media: MediaStore,
  plan: Plan,
  keys: MediaKeys,
  reached: { readonly frontier: number; readonly totalFrames: number },
): Promise<void> => {
  const state = { segments: reached.frontier, ended: false };
  await Promise.all(
    trackNames(plan).map((track) =>
      growPlaylist(
        media,
        keys.playlist(track),
        mediaPlaylist(plan, track, { ...reached, ended: false }),
        state,
      ),
    ),
  );
  await growPlaylist(media, keys.master, masterPlaylist(plan), { segments: 0, ended: false });
};
