import type { LinkSigner, MediaStore, PipelineStore, SourceStore, TaskFile } from "../ports.ts";
import { cacheControl, contentTypes, type MediaKeys, mediaKeys } from "./keys.ts";
import { type Grant, type LeaseAnswer, type LeaseRequest, maxSegmentsPerLease } from "./office.ts";
import { segmentsOfTask, writesInits } from "./tasks.ts";

export interface LeaseTaskPorts {
  readonly store: PipelineStore;
  readonly sources: SourceStore;
  readonly media: MediaStore;
  readonly links: LinkSigner;
  readonly now: () => Date;
}

const isWanted = ({ task, video }: TaskFile): boolean =>
  video.status === "transcoding" ||
  (task.spec.kind === "poster" && (video.status === "packaging" || video.status === "ready"));

/** If-None-Match: what was written once is never replaced, whoever holds the link (RFC 9110 13.1.2). */
const writeHeaders = (contentType: string) => ({
  "content-type": contentType,
  "cache-control": cacheControl.immutable,
  "if-none-match": "*",
});

/** Links for exactly what the task reads and writes, fresh at each attempt. */
export const leaseTask =
  ({ store, sources, media, links, now }: LeaseTaskPorts) =>
  async (request: LeaseRequest): Promise<LeaseAnswer> => {
    const file = await store.findTask(request.taskId);
    if (!file || file.task.ticket !== request.ticket || file.video.videoId !== request.videoId)
      return { state: "gone" };
    if (file.task.finished) return { state: "finished", planHash: file.stored.planHash };
    if (!isWanted(file)) return { state: "gone" };
    if (request.from === undefined) await store.countAttempt(request.taskId);

    const { plan, planHash } = file.stored;
    const { spec } = file.task;
    const keys = mediaKeys(request.videoId, planHash);
    const expiresAt = new Date(now().getTime() + links.seconds * 1_000).toISOString();
    const { tracks, segments: all } = segmentsOfTask(plan, spec);
    const first = Math.max(all.first, request.from ?? all.first);
    const end = Math.min(all.end, first + maxSegmentsPerLease);
    const inputs = await inputsOf(file, keys);
    if (!inputs) return { state: "gone" };

    const [recorded, inits] = await Promise.all([
      store.recordedSegments(request.videoId, first, end),
      writesInits(spec) ? store.recordedInits(request.videoId) : [],
    ]);
    const wanted = tracks.flatMap((track) =>
      Array.from({ length: Math.max(0, end - first) }, (_, index) => ({
        track,
        number: first + index,
      })).filter(({ number }) => !recorded.has(`${track}/${number}`)),
    );
    const initTracks = writesInits(spec) ? tracks : [];
    const missingInits = initTracks.filter(
      (name) => !inits.some(({ track }) => track === name) || !recorded.has(`${name}/0`),
    );
    return {
      state: "granted",
      spec,
      plan,
      planHash,
      inputs,
      segments: await Promise.all(
        wanted.map(async ({ track, number }) => ({
          track,
          number,
          link: await links.write(keys.segment(track, number), writeHeaders(contentTypes.segment)),
        })),
      ),
      inits: await Promise.all(
        missingInits.map(async (track) => ({
          track,
          link: await links.write(keys.init(track), writeHeaders(contentTypes.init)),
        })),
      ),
      ...(spec.kind === "poster"
        ? { poster: await links.write(keys.poster, writeHeaders(contentTypes.poster)) }
        : {}),
      end,
      expiresAt,
    };

    async function inputsOf(
      { stored, task }: TaskFile,
      mediaKeysOfPlan: MediaKeys,
    ): Promise<Grant["inputs"] | undefined> {
      if (task.spec.kind !== "poster") {
        const object = await sources.describe(request.videoId);
        if (!object) return undefined;
        return [{ url: await links.readSource(request.videoId), bytes: object.bytes }];
      }
      const { rendition, segment } = stored.plan.poster;
      const wantedKeys = [
        mediaKeysOfPlan.init(rendition),
        mediaKeysOfPlan.segment(rendition, segment),
      ];
      const heads = await Promise.all(wantedKeys.map((key) => media.head(key, 0)));
      return Promise.all(
        wantedKeys.map(async (key, index) => {
          const head = heads[index];
          if (!head) throw new Error("The segment of the poster is not there yet.");
          return { url: await links.readMedia(key), bytes: head.bytes };
        }),
      );
    }
  };
