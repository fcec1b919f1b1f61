import { randomUUID } from "node:crypto";
import type { PublicVideo, Visibility } from "@sluice/contracts";
import { videoStatusSchema } from "@sluice/contracts";
import { isPlayable } from "../../library/domain/playable.ts";
import { NotFoundError } from "../../platform/errors.ts";
import type { LinkSigner, Publications } from "../ports.ts";
import { type SettlementPorts, settleRevocations } from "./settle-revocations.ts";

const hourMs = 60 * 60_000;

/**
 * A public video's address never ends; the tokens that are handed out for it do, after a day, so that
 * what is revoked need not be remembered for ever. Whole hours, so that players ask for the same
 * address within one.
 */
export const publicTokenExpiry = (now: Date): Date =>
  new Date((Math.floor(now.getTime() / hourMs) + 25) * hourMs);

/** When the last token that may have been handed out by `now` has ended, clocks that differ included. */
export const publicTokensEnd = (now: Date): Date =>
  new Date(publicTokenExpiry(now).getTime() + hourMs);

export interface PublicPorts {
  readonly publications: Publications;
  readonly signer: LinkSigner;
}

/** @throws NotFoundError also when the video is private: nobody learns that it exists */
export const getPublicVideo = async (
  { publications, signer }: PublicPorts,
  { videoId, now }: { readonly videoId: string; readonly now: Date },
): Promise<PublicVideo> => {
  const video = await publications.find(videoId);
  if (!video) throw new NotFoundError("video");
  const expiresAt = publicTokenExpiry(now);
  const folder = await signer.folder({ videoId, linkId: video.publicLinkId, expiresAt });
  const playable = isPlayable(video);
  const media = (name: string) => `${folder}${video.planHash}/${name}`;
  return {
    videoId,
    title: video.title,
    status: videoStatusSchema.parse(video.status),
    createdAt: video.createdAt.toISOString(),
    ...(video.durationMs !== undefined && { durationMs: video.durationMs }),
    ...(video.width !== undefined && { width: video.width }),
    ...(video.height !== undefined && { height: video.height }),
    playable,
    playableMs: playable ? video.playableMs : 0,
    ...(playable && { playlist: media("master.m3u8") }),
    ...(video.hasPoster && video.planHash !== undefined && { posterUrl: media("poster.jpg") }),
    ...(video.hasStoryboard && playable && { storyboardUrl: media("storyboard.vtt") }),
    expiresAt: expiresAt.toISOString(),
  };
};

export interface VisibilityPorts extends SettlementPorts {
  readonly publications: Publications;
}

/** @throws NotFoundError */
export const setVisibility = async (
  { publications, ...revocation }: VisibilityPorts,
  {
    owner,
    videoId,
    visibility,
    now,
  }: {
    readonly owner: string;
    readonly videoId: string;
    readonly visibility: Visibility;
    readonly now: Date;
  },
): Promise<void> => {
  const found =
    visibility === "public"
      ? await publications.publish(owner, videoId, randomUUID())
      : await publications.withdraw(owner, videoId, publicTokensEnd(now));
  if (!found) throw new NotFoundError("video");
  // Also when it was private already: an earlier attempt may have been cut off here.
  if (visibility === "private") await settleRevocations(revocation, now);
};
