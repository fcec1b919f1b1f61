import type { MediaStore, PackageQueue, PipelineStore, TaskFile } from "../ports.ts";
import { claimsFault, foreignClaim } from "./claims.ts";
import { Refusal } from "./failure.ts";
import { mediaKeys, mediaPrefix } from "./keys.ts";
import { objectFaults } from "./object-faults.ts";
import type { CommitAnswer, CommitRequest } from "./office.ts";
import { framesThatCame } from "./outcome.ts";
import { failVideo, refusalOfTask, retireTask } from "./retire-task.ts";
import type { Occasion } from "./settle-video.ts";
import { storyboardOf } from "./storyboard.ts";
import { isOptional, segmentsOfTask } from "./tasks.ts";

export interface CommitTaskPorts {
  readonly store: PipelineStore;
  readonly media: MediaStore;
  readonly packages: PackageQueue;
  /** Brings about what follows from what was recorded. */
  readonly settle: (videoId: string, occasion: Occasion) => Promise<void>;
}

/** Records what a worker says it made, once it was looked at. */
export const commitTask = ({ store, media, packages, settle }: CommitTaskPorts) => {
  const retire = retireTask({ store, packages, settle });

  /**
   * Of a video that is gone nothing is kept. Workers sent something after it was removed, or died
   * before they could tell of it: whoever hears "gone" asks for this once more.
   */
  const removeLeftovers = async (videoId: string): Promise<CommitAnswer> => {
    await media.removeAll(mediaPrefix(videoId));
    return { state: "gone" };
  };

  return async (request: CommitRequest): Promise<CommitAnswer> => {
    const file = await store.findTask(request.taskId);
    const status = file?.video.status ?? (await store.findVideo(request.videoId))?.status;
    if (status === undefined || status === "failed" || status === "deleting")
      return removeLeftovers(request.videoId);
    if (
      !file ||
      file.task.ticket !== request.ticket ||
      file.video.videoId !== request.videoId ||
      file.stored.planHash !== request.planHash
    )
      return { state: "gone" };

    const { spec } = file.task;
    if (file.task.finished) {
      await settle(request.videoId, { repeated: true });
      return { state: "recorded" };
    }
    const foreign = foreignClaim(file.stored.plan, spec, request);
    if (foreign) return { state: "refused", reason: `${foreign} is not of this task` };
    if (request.failure) {
      await retire(file, refusalOfTask(request.failure));
      return { state: isOptional(spec) ? "recorded" : "gone" };
    }

    const { tracks, segments } = segmentsOfTask(file.stored.plan, spec);
    const recorded = await recordedOf(request.videoId, tracks, segments.first, segments.end);
    const storyboard = request.storyboard && (await storyboardNow(file));
    const fault =
      storyboard?.sheets === request.storyboard?.sheets.length
        ? claimsFault(file.stored.plan, spec, request, recorded)
        : "the storyboard is not that of the video";
    if (fault) return { state: "refused", reason: fault };
    const faults = await objectFaults(media, file, request, storyboard);
    if (faults[0]) {
      // If-None-Match would keep the next attempt from writing it anew.
      const keys = mediaKeys(request.videoId, file.stored.planHash);
      const safe = new Set([...recorded].map((name) => segmentKey(keys, name)));
      await media.remove(faults.map(({ key }) => key).filter((key) => !safe.has(key)));
      return { state: "refused", reason: `${faults[0].key}: ${faults[0].reason}` };
    }
    const outcome = await store.record({
      videoId: request.videoId,
      taskId: request.taskId,
      segments: request.segments.map(({ md5, ...segment }) => ({ ...segment, etag: md5 })),
      inits: request.inits.map(({ track, bytes, sha256 }) => ({ track, bytes, sha256 })),
      poster: request.poster !== undefined,
      storyboard: request.storyboard !== undefined,
      ...(request.metadata && { metadata: request.metadata }),
      finished: request.finished,
    });
    if (outcome === "differs")
      return { state: "refused", reason: "an init segment differs from the one recorded" };
    if (outcome === "gone") return removeLeftovers(request.videoId);
    try {
      await settle(request.videoId, {
        repeated: false,
        ...(request.finished && { finished: spec.kind }),
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await failVideo({ store, packages })(file, error);
      return { state: "gone" };
    }
    return { state: "recorded" };
  };

  /** As it must be by what is made of the video; undefined while more is to come. */
  async function storyboardNow({ video, stored: { plan } }: TaskFile) {
    const { unfinished, finishedChunks } = await store.progress(video.videoId, plan);
    return unfinished.has("transcode")
      ? undefined
      : storyboardOf(plan, framesThatCame(plan, finishedChunks));
  }

  async function recordedOf(
    videoId: string,
    tracks: readonly string[],
    first: number,
    end: number,
  ): Promise<ReadonlySet<string>> {
    const all = await store.recordedSegments(videoId, first, end);
    return new Set([...all].filter((name) => tracks.includes(name.split("/")[0] ?? "")));
  }
};

const segmentKey = (keys: ReturnType<typeof mediaKeys>, name: string): string => {
  const [track = "", number = ""] = name.split("/");
  return keys.segment(track, Number(number));
};
