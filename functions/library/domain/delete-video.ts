import { NotFoundError } from "../../platform/errors.ts";
import type { LinkRevoker, MediaStorage, VideoStore } from "../ports.ts";

export interface DeletionPorts {
  readonly store: VideoStore;
  readonly storage: MediaStorage;
  readonly links: LinkRevoker;
}

/**
 * Deletes everything of a video. It is hidden first and its row goes last, so that a repeat
 * finishes whatever an earlier attempt left.
 *
 * @throws NotFoundError when there is no such video of this owner, also after it is gone
 */
export const deleteVideo = async (
  { store, storage, links }: DeletionPorts,
  { owner, videoId }: { readonly owner: string; readonly videoId: string },
): Promise<void> => {
  const begun = await store.beginDeletion(owner, videoId);
  if (!begun) throw new NotFoundError("video");
  // Edges may keep copies for long: the links that open them end first.
  await links.revokeAll(videoId);
  if (begun.storageId !== undefined) await storage.abortUpload(videoId, begun.storageId);
  await storage.removeSource(videoId);
  await storage.removeMedia(videoId);
  await store.remove(videoId);
};
