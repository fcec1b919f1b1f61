import { randomUUID } from "node:crypto";
import { type CreateLinkRequest, linkLimits, type PlaybackLink } from "@sluice/contracts";
import { isPlayable } from "../../library/domain/playable.ts";
import { DomainError, NotFoundError } from "../../platform/errors.ts";
import type { LinkRecord, LinkSigner, LinkStore, VideoStates } from "../ports.ts";

export interface LinkPorts {
  readonly videos: VideoStates;
  readonly links: LinkStore;
  readonly signer: LinkSigner;
}

interface OfVideo {
  readonly owner: string;
  readonly videoId: string;
  readonly now: Date;
}

/** @throws NotFoundError, DomainError not-playable, too-many-links, sharing-unavailable */
export const createLink = async (
  { videos, links, signer }: LinkPorts,
  { owner, videoId, now, expiresInSeconds, label }: OfVideo & CreateLinkRequest,
): Promise<PlaybackLink> => {
  const video = await videos.find(owner, videoId);
  if (!video) throw new NotFoundError("video");
  if (!isPlayable(video)) {
    throw new DomainError(
      "not-playable",
      "The video's first seconds are not ready. Make the link later.",
    );
  }
  const linkId = randomUUID();
  const expiresAt = new Date((Math.floor(now.getTime() / 1000) + expiresInSeconds) * 1000);
  // Signed before it is recorded: where links cannot be had, none is.
  const folder = await signer.folder({ videoId, linkId, expiresAt });
  const link = { videoId, linkId, label, expiresAt };
  const record = await links.add(link, linkLimits.maxLinks, now);
  if (!record) {
    throw new DomainError(
      "too-many-links",
      `A video has ${linkLimits.maxLinks} links at most. Revoke one that nobody needs.`,
    );
  }
  return viewOf(record, folder, video.planHash);
};

/** @throws NotFoundError */
export const listLinks = async (
  { videos, links, signer }: LinkPorts,
  { owner, videoId, now }: OfVideo,
): Promise<PlaybackLink[]> => {
  const video = await videos.find(owner, videoId);
  if (!video) throw new NotFoundError("video");
  const { planHash } = video;
  if (planHash === undefined) return [];
  const records = await links.list(videoId, now);
  return Promise.all(
    records.map(async (record) =>
      viewOf(record, await signer.folder({ videoId, ...record }), planHash),
    ),
  );
};

const viewOf = (record: LinkRecord, folder: string, planHash: string): PlaybackLink => ({
  linkId: record.linkId,
  ...(record.label !== undefined && { label: record.label }),
  playlist: `${folder}${planHash}/master.m3u8`,
  createdAt: record.createdAt.toISOString(),
  expiresAt: record.expiresAt.toISOString(),
});
