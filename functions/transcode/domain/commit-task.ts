import { createHash } from "node:crypto";
import type { MediaStore, PackageQueue, PipelineStore, TaskFile } from "../ports.ts";
import { claimStartBytes, claimsFault, segmentFault } from "./claims.ts";
import { Refusal } from "./failure.ts";
import { mediaKeys, mediaPrefix } from "./keys.ts";
import type { CommitAnswer, CommitRequest } from "./office.ts";
import { refusalOfTask, retireTask } from "./retire-task.ts";
import { makesPoster, segmentsOfTask, writesInits } from "./tasks.ts";

export interface CommitTaskPorts {
  readonly store: PipelineStore;
  readonly media: MediaStore;
  readonly packages: PackageQueue;
  /** Shows what was recorded: playlists, packaging. */
  readonly settle: (videoId: string, repeated: boolean) => Promise<void>;
}

const maxInitBytes = 65_536;

/** Records what a worker says it made, once it was looked at. */
export const commitTask = ({ store, media, packages, settle }: CommitTaskPorts) => {
  const retire = retireTask({ store, packages });
  const fail = async (file: TaskFile, refusal: Refusal): Promise<CommitAnswer> => {
    await retire(file, refusal);
    return { state: "gone" };
  };

  /**
   * Of a video that is gone nothing is kept. Workers sent something after it was removed, or died
   * before they could tell of it: whoever hears "gone" asks for this once more.
   */
  const removeLeftovers = async (videoId: string): Promise<CommitAnswer> => {
    await media.removeAll(mediaPrefix(videoId));
    return { state: "gone" };
  };

  /** Answers what is wrong with what lies in the bucket, by key. */
  const objectFaults = async (file: TaskFile, request: CommitRequest) => {
    const keys = mediaKeys(request.videoId, file.stored.planHash);
    const look = async (
      key: string,
      claim: { readonly bytes: number; readonly md5: string },
      startBytes: number,
      judge: (start: Uint8Array) => string | undefined,
    ) => {
      const head = await media.head(key, startBytes);
      if (!head) return { key, reason: "it is not there" };
      if (head.bytes !== claim.bytes || head.etag !== claim.md5)
        return { key, reason: "its content is not what was claimed" };
      const reason = judge(head.start);
      return reason === undefined ? undefined : { key, reason };
    };
    const inits = writesInits(file.task.spec) ? request.inits : [];
    const looks = [
      ...request.segments.map((claim) =>
        look(keys.segment(claim.track, claim.number), claim, claimStartBytes, (start) =>
          segmentFault(file.stored.plan, claim, start),
        ),
      ),
      ...inits.map((claim) =>
        look(keys.init(claim.track), claim, maxInitBytes, (start) =>
          createHash("sha256").update(start).digest("hex") === claim.sha256
            ? undefined
            : "its SHA-256 is not what was claimed",
        ),
      ),
      ...(request.poster
        ? [
            look(keys.poster, request.poster, 2, (start) =>
              start[0] === 0xff && start[1] === 0xd8 ? undefined : "it is no JPEG",
            ),
          ]
        : []),
    ];
    return (await Promise.all(looks)).filter((fault) => fault !== undefined);
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
      await settle(request.videoId, true);
      return { state: "recorded" };
    }
    if (request.failure) return fail(file, refusalOfTask(request.failure));

    const { tracks, segments } = segmentsOfTask(file.stored.plan, spec);
    const recorded = await recordedOf(request.videoId, tracks, segments.first, segments.end);
    const fault =
      request.poster && !makesPoster(spec)
        ? "the poster is not of this task"
        : claimsFault(file.stored.plan, spec, request, recorded);
    if (fault) return { state: "refused", reason: fault };
    const faults = await objectFaults(file, request);
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
      finished: request.finished,
    });
    if (outcome === "differs")
      return { state: "refused", reason: "an init segment differs from the one recorded" };
    if (outcome === "gone") return removeLeftovers(request.videoId);
    try {
      await settle(request.videoId, false);
    } catch (error) {
      if (error instanceof Refusal) return fail(file, error);
      throw error;
    }
    return { state: "recorded" };
  };

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
