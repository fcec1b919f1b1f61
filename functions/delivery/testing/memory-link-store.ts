import { randomUUID } from "node:crypto";
import type { LinkRecord, PublicRecord } from "../ports.ts";
import type { LinkHarness } from "./link-store-contract.ts";

interface Link extends LinkRecord {
  readonly videoId: string;
  readonly state: "valid" | "revoking" | "revoked";
}
interface Video extends Omit<PublicRecord, "publicLinkId"> {
  readonly owner: string;
  readonly publicLinkId: string | undefined;
}

export const memoryLinkStore = (): LinkHarness => {
  const links = new Map<string, Link>();
  const videos = new Map<string, Video>();
  let order = 0;
  const change = (link: Link, more: Partial<Link>) => links.set(link.linkId, { ...link, ...more });
  const standing = (videoId: string, now: Date) =>
    [...links.values()].filter(
      (link) => link.videoId === videoId && link.state !== "revoked" && link.expiresAt > now,
    );
  const withdraw = (videoId: string, end: Date) => {
    const video = videos.get(videoId);
    if (!video?.publicLinkId) return;
    const linkId = video.publicLinkId;
    videos.set(videoId, { ...video, publicLinkId: undefined });
    const link = { linkId, videoId, label: undefined, createdAt: new Date(order++) };
    links.set(linkId, { ...link, expiresAt: end, state: "revoking" });
  };
  const own = (owner: string, videoId: string) => {
    const video = videos.get(videoId);
    return video?.owner === owner ? video : undefined;
  };

  return {
    links: {
      async add(link, limit, now) {
        if (standing(link.videoId, now).length >= limit) return undefined;
        const record = { ...link, createdAt: new Date(order++) };
        links.set(link.linkId, { ...record, state: "valid" });
        const { videoId: _, ...shown } = record;
        return shown;
      },
      async list(videoId, now) {
        return standing(videoId, now)
          .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
          .map(({ videoId: _, state: __, ...record }) => record);
      },
      async beginRevocation(videoId, linkId, now) {
        const link = links.get(linkId);
        if (link?.videoId !== videoId || link.expiresAt <= now) return false;
        if (link.state === "valid") change(link, { state: "revoking" });
        return true;
      },
      async beginRevocationOfAll(videoId, now, publicEnd) {
        withdraw(videoId, publicEnd);
        for (const link of standing(videoId, now)) change(link, { state: "revoking" });
      },
    },
    ledger: {
      async pending(limit) {
        return [...links.values()].filter(({ state }) => state === "revoking").slice(0, limit);
      },
      async finish(linkIds) {
        for (const link of links.values()) {
          if (linkIds.includes(link.linkId)) change(link, { state: "revoked" });
        }
      },
      async ended(end, limit) {
        return [...links.values()]
          .filter(({ expiresAt }) => expiresAt < end)
          .slice(0, limit)
          .map(({ linkId, state }) => ({ linkId, told: state !== "valid" }));
      },
      async forget(linkIds) {
        for (const linkId of linkIds) links.delete(linkId);
      },
    },
    publications: {
      async publish(owner, videoId, linkId) {
        const video = own(owner, videoId);
        if (!video) return false;
        videos.set(videoId, { ...video, publicLinkId: video.publicLinkId ?? linkId });
        return true;
      },
      async withdraw(owner, videoId, end) {
        if (!own(owner, videoId)) return false;
        withdraw(videoId, end);
        return true;
      },
      async find(videoId) {
        const video = videos.get(videoId);
        if (!video?.publicLinkId) return undefined;
        const { owner: _, publicLinkId, ...shown } = video;
        return { ...shown, publicLinkId };
      },
    },
    async addVideo(owner) {
      const videoId = randomUUID();
      videos.set(videoId, {
        ...{ videoId, owner, title: "Film", status: "ready", frontier: 3, planHash: "hash" },
        ...{ createdAt: new Date(0), durationMs: 1000, width: 640, height: 360 },
        ...{ playableMs: 1000, hasPoster: true, hasStoryboard: true },
        publicLinkId: undefined,
      });
      return videoId;
    },
  };
};
