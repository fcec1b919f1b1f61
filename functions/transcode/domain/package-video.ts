import type { Announce } from "../../webhooks/ports.ts";
import type { Log, MediaStore, PipelineStore, SourceStore } from "../ports.ts";
import { mediaKeys, mediaPrefix } from "./keys.ts";
import { framesThatCame } from "./outcome.ts";
import { trackNames } from "./plan.ts";
import { masterPlaylist, mediaPlaylist, playableMs } from "./playlists.ts";
import { growPlaylist } from "./settle-video.ts";
import { segmentCount } from "./timeline.ts";

export interface PackageVideoPorts {
  readonly store: PipelineStore;
  readonly media: MediaStore;
  readonly sources: SourceStore;
  readonly announce: Announce;
  /** Ends a deletion that was cut off, or removes what is left of a video that is gone. */
  readonly finishDeletion: (videoId: string) => Promise<void>;
}

/**
 * The last step of a video, for better or worse: the final playlists with measured bandwidths, or,
 * for one that failed, the removal of everything made so far. Any number of times.
 */
export const packageVideo = (ports: PackageVideoPorts) => {
  const finish = finishVideo(ports);
  return async (videoId: string, log: Log): Promise<void> => {
    await finish(videoId, log);
    await ports.announce(videoId);
  };
};

const finishVideo =
  ({ store, media, sources, finishDeletion }: PackageVideoPorts) =>
  async (videoId: string, log: Log): Promise<void> => {
    const video = await store.findVideo(videoId);
    if (!video || video.status === "deleting") {
      await finishDeletion(videoId);
      log.info("Removed what was left", { video_id: videoId });
      return;
    }
    if (video.status === "failed") {
      await media.removeAll(mediaPrefix(videoId));
      await sources.remove(videoId);
      await store.noteCleaned(videoId);
      log.info("Removed what was made", { video_id: videoId });
      return;
    }
    const stored = await store.findPlan(videoId);
    if (video.status !== "packaging" || !stored) return;

    const { plan, planHash } = stored;
    const { finishedChunks } = await store.progress(videoId, plan);
    const totalFrames = framesThatCame(plan, finishedChunks);
    const timeline = { ...plan.timeline, totalFrames };
    const frontier = segmentCount(timeline);
    const keys = mediaKeys(videoId, planHash);
    const state = { segments: frontier, ended: true };
    const bandwidths = await store.bandwidths(videoId, plan, timeline.gopFrames);
    await Promise.all(
      trackNames(plan).map((track) =>
        growPlaylist(
          media,
          keys.playlist(track),
          mediaPlaylist(plan, track, { frontier, totalFrames, ended: true }),
          state,
        ),
      ),
    );
    await growPlaylist(media, keys.master, masterPlaylist(plan, bandwidths), state);
    await store.becomeReady(videoId, playableMs(timeline, frontier), frontier);
    log.info("Ready", { video_id: videoId, segments: frontier });
  };
