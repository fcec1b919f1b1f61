import { NotFoundError } from "../../platform/errors.ts";
import type { LinkStore, VideoStates } from "../ports.ts";
import { publicTokensEnd } from "./public-link.ts";
import { type SettlementPorts, settleRevocations } from "./settle-revocations.ts";

export interface RevocationPorts extends SettlementPorts {
  readonly links: LinkStore;
}

/**
 * Revokes one link. What is marked is finished here or by whoever revokes next, so a repeat after a
 * failure is enough, and a repeat after success changes nothing.
 *
 * @throws NotFoundError also when it has expired
 */
export const revokeLink = async (
  ports: RevocationPorts & { readonly videos: VideoStates },
  {
    owner,
    videoId,
    linkId,
    now,
  }: {
    readonly owner: string;
    readonly videoId: string;
    readonly linkId: string;
    readonly now: Date;
  },
): Promise<void> => {
  if (!(await ports.videos.find(owner, videoId))) throw new NotFoundError("video");
  if (!(await ports.links.beginRevocation(videoId, linkId, now))) throw new NotFoundError("link");
  await settleRevocations(ports, now);
};

/** Revokes all there is of a video that is being deleted. */
export const revokeAllLinks = async (
  ports: RevocationPorts,
  videoId: string,
  now: Date,
): Promise<void> => {
  await ports.links.beginRevocationOfAll(videoId, now, publicTokensEnd(now));
  await settleRevocations(ports, now);
};
