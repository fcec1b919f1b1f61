import type { LinkSigner, PipelineStore, SourceStore } from "../ports.ts";
import { cacheControl, contentTypes, mediaKeys } from "./keys.ts";
import { type LeaseAnswer, type LeaseRequest, maxSegmentsPerLease } from "./office.ts";
import { makesPoster, segmentsOfTask, writesInits } from "./tasks.ts";

export interface LeaseTaskPorts {
  readonly store: PipelineStore;
  readonly sources: SourceStore;
  readonly links: LinkSigner;
  readonly now: () => Date;
}

/** If-None-Match: what was written once is never replaced, whoever holds the link (RFC 9110 13.1.2). */
const writeHeaders = (contentType: string) => ({
  "content-type": contentType,
  "cache-control": cacheControl.immutable,
  "if-none-match": "*",
});

/** Links for exactly what the task reads and writes, fresh at each attempt. */
export const leaseTask =
  ({ store, sources, links, now }: LeaseTaskPorts) =>
  async (request: LeaseRequest): Promise<LeaseAnswer> => {
    const file = await store.findTask(request.taskId);
    if (!file || file.task.ticket !== request.ticket || file.video.videoId !== request.videoId)
      return { state: "gone" };
    if (file.task.finished) return { state: "finished", planHash: file.stored.planHash };
    if (file.video.status !== "transcoding") return { state: "gone" };
    if (request.from === undefined) await store.countAttempt(request.taskId);

    const { plan, planHash } = file.stored;
    const { spec } = file.task;
    const keys = mediaKeys(request.videoId, planHash);
    const expiresAt = new Date(now().getTime() + links.seconds * 1_000).toISOString();
    const { tracks, segments: all } = segmentsOfTask(plan, spec);
    const first = Math.max(all.first, request.from ?? all.first);
    const end = Math.min(all.end, first + maxSegmentsPerLease);
    const source = await sources.describe(request.videoId);
    if (!source) return { state: "gone" };

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
      source: { url: await links.readSource(request.videoId), bytes: source.bytes },
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
      ...(makesPoster(spec)
        ? { poster: await links.write(keys.poster, writeHeaders(contentTypes.poster)) }
        : {}),
      end,
      expiresAt,
    };
  };
