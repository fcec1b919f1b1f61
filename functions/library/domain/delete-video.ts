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
  ports: DeletionPorts,
  { owner, videoId }: { readonly owner: string; readonly videoId: string },
): Promise<void> => {
  const begun = await ports.store.beginDeletion(owner, videoId);
  if (!begun) throw new NotFoundError("video");
  await removeEverything(ports, videoId, begun.storageId);
};

/** Goes on with a deletion that was cut off; of a video that is gone it removes what may be left. */
export const finishDeletion = async (ports: DeletionPorts, videoId: string): Promise<void> => {
  const begun = await ports.store.findDeletion(videoId);
  await removeEverything(ports, videoId, begun?.storageId);
};

const removeEverything = async (
  { store, storage, links }: DeletionPorts,
  videoId: string,
  storageId: string | undefined,
): Promise<void> => {
  // Edges may keep copies for long: the links that open them end first.
  await links.revokeAll(videoId);
  if (storageId !== undefined) await storage.abortUpload(videoId, storageId);
  await storage.removeSource(videoId);
  await storage.removeMedia(videoId);
  await store.remove(videoId);
};
