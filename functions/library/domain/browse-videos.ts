import type { ListVideosResponse, Video } from "@sluice/contracts";
import { NotFoundError } from "../../platform/errors.ts";
import type { PosterSigner, VideoStore } from "../ports.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { viewOf } from "./video-view.ts";

export interface LibraryPorts {
  readonly store: VideoStore;
  readonly posters: PosterSigner;
}

/** @throws InvalidRequestError when the cursor is none of ours */
export const listVideos = async (
  { store, posters }: LibraryPorts,
  query: {
    readonly owner: string;
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly now: Date;
  },
): Promise<ListVideosResponse> => {
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  // One more than asked for tells whether there is a next page.
  const records = await store.page(query.owner, query.limit + 1, after);
  const shown = records.slice(0, query.limit);
  const last = records.length > query.limit ? shown.at(-1) : undefined;
  return {
    videos: await Promise.all(shown.map((record) => viewOf(record, posters, query.now))),
    ...(last && { nextCursor: writeCursor(last) }),
  };
};

/** @throws NotFoundError also when the video is another owner's, or being deleted */
export const getVideo = async (
  { store, posters }: LibraryPorts,
  query: { readonly owner: string; readonly videoId: string; readonly now: Date },
): Promise<Video> => {
  const record = await store.find(query.owner, query.videoId);
  if (!record) throw new NotFoundError("video");
  return viewOf(record, posters, query.now);
};
