import type { UpdateVideoRequest, Video } from "@sluice/contracts";
import { NotFoundError } from "../../platform/errors.ts";
import type { VisibilitySetter } from "../ports.ts";
import { getVideo, type LibraryPorts } from "./browse-videos.ts";

export interface UpdatePorts extends LibraryPorts {
  readonly visibility: VisibilitySetter;
}

/**
 * Changes what the owner may change; a repeat changes nothing more.
 *
 * @throws NotFoundError, DomainError sharing-unavailable
 */
export const updateVideo = async (
  ports: UpdatePorts,
  {
    owner,
    videoId,
    title,
    visibility,
    now,
  }: UpdateVideoRequest & {
    readonly owner: string;
    readonly videoId: string;
    readonly now: Date;
  },
): Promise<Video> => {
  // First what may be refused.
  if (visibility !== undefined) await ports.visibility.set(owner, videoId, visibility);
  if (title !== undefined && !(await ports.store.rename(owner, videoId, title))) {
    throw new NotFoundError("video");
  }
  return getVideo(ports, { owner, videoId, now });
};
