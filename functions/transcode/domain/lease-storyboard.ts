import type { LinkSigner, PipelineStore } from "../ports.ts";
import { contentTypes, mediaKeys } from "./keys.ts";
import { writeHeaders } from "./lease-tracks.ts";
import type { Granted, LeaseAnswer } from "./office.ts";
import { framesThatCame } from "./outcome.ts";
import { storyboardOf, storyboardRendition, storyboardSegments } from "./storyboard.ts";

/** Links to those segments of the smallest rendition that hold a picture, once all are made. */
export const leaseStoryboard = async (
  { store, links }: { readonly store: PipelineStore; readonly links: LinkSigner },
  videoId: string,
  granted: Granted,
): Promise<LeaseAnswer> => {
  const { plan, planHash } = granted;
  const { unfinished, finishedChunks } = await store.progress(videoId, plan);
  if (unfinished.has("transcode")) return { state: "early" };
  const totalFrames = framesThatCame(plan, finishedChunks);
  const track = storyboardRendition(plan)?.name;
  const storyboard = storyboardOf(plan, totalFrames);
  if (!storyboard || track === undefined) return { state: "gone" };

  const keys = mediaKeys(videoId, planHash);
  const [inits, segments] = await Promise.all([
    store.recordedInits(videoId),
    store.recordedSizes(videoId, track),
  ]);
  const init = inits.find((each) => each.track === track);
  if (!init) throw new Error(`The init segment of ${track} is not recorded.`);
  const read = async (key: string, bytes: number | undefined) => {
    if (bytes === undefined) throw new Error(`${key} is not recorded.`);
    return { url: await links.readMedia(key), bytes };
  };
  return {
    ...granted,
    makes: "storyboard",
    totalFrames,
    movie: await Promise.all([
      read(keys.init(track), init.bytes),
      ...storyboardSegments(storyboard).map((number) =>
        read(keys.segment(track, number), segments.get(number)),
      ),
    ]),
    text: await links.write(keys.storyboard, writeHeaders(contentTypes.storyboard)),
    sheets: await Promise.all(
      Array.from({ length: storyboard.sheets }, (_, sheet) =>
        links.write(keys.storyboardSheet(sheet), writeHeaders(contentTypes.jpeg)),
      ),
    ),
  };
};
