import type { LinkSigner, PipelineStore } from "../ports.ts";
import { cacheControl, contentTypes, mediaKeys } from "./keys.ts";
import { type Granted, maxSegmentsPerLease, type Readable, type TrackGrant } from "./office.ts";
import { makesPoster, segmentsOfTask, writesInits } from "./tasks.ts";

/** If-None-Match: what was written once is never replaced, whoever holds the link (RFC 9110 13.1.2). */
export const writeHeaders = (contentType: string) => ({
  "content-type": contentType,
  "cache-control": cacheControl.immutable,
  "if-none-match": "*",
});

/** The source, and links for the segments of a task that are not recorded yet. */
export const leaseTracks = async (
  { store, links }: { readonly store: PipelineStore; readonly links: LinkSigner },
  task: {
    readonly videoId: string;
    readonly spec: TrackGrant["spec"];
    readonly source: Readable;
    /** Number of the first segment that is asked for. */
    readonly from: number | undefined;
  },
  granted: Granted,
): Promise<TrackGrant> => {
  const { videoId, spec, source } = task;
  const keys = mediaKeys(videoId, granted.planHash);
  const { tracks, segments: all } = segmentsOfTask(granted.plan, spec);
  const first = Math.max(all.first, task.from ?? all.first);
  const end = Math.min(all.end, first + maxSegmentsPerLease);
  const [recorded, inits] = await Promise.all([
    store.recordedSegments(videoId, first, end),
    writesInits(spec) ? store.recordedInits(videoId) : [],
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
    ...granted,
    makes: "tracks",
    spec,
    source,
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
    ...(makesPoster(granted.plan, spec)
      ? { poster: await links.write(keys.poster, writeHeaders(contentTypes.jpeg)) }
      : {}),
    end,
  };
};
