import { randomUUID } from "node:crypto";
import type { VideoRecord, VideoStore } from "../ports.ts";
import type { VideoStoreHarness } from "./video-store-contract.ts";

interface Row {
  readonly owner: string;
  readonly video: VideoRecord;
  readonly deleting: boolean;
}

export const memoryVideoStore = (): VideoStoreHarness => {
  const rows = new Map<string, Row>();
  const visibleTo = (owner: string) =>
    [...rows.values()].filter((row) => row.owner === owner && !row.deleting);
  const rank = (video: Pick<VideoRecord, "createdAt" | "videoId">) =>
    `${video.createdAt.toISOString()} ${video.videoId}`;

  const store: VideoStore = {
    async page(owner, limit, after) {
      return visibleTo(owner)
        .map((row) => row.video)
        .filter((video) => after === undefined || rank(video) < rank(after))
        .sort((a, b) => (rank(a) < rank(b) ? 1 : -1))
        .slice(0, limit);
    },
    async find(owner, videoId) {
      return visibleTo(owner).find((row) => row.video.videoId === videoId)?.video;
    },
    async rename(owner, videoId, title) {
      const row = visibleTo(owner).find((each) => each.video.videoId === videoId);
      if (row) rows.set(videoId, { ...row, video: { ...row.video, title } });
      return row !== undefined;
    },
    async beginDeletion(owner, videoId) {
      const row = rows.get(videoId);
      if (row?.owner !== owner) return undefined;
      rows.set(videoId, { ...row, deleting: true });
      return { storageId: "storage-1" };
    },
    async findDeletion(videoId) {
      return rows.get(videoId)?.deleting ? { storageId: "storage-1" } : undefined;
    },
    async remove(videoId) {
      if (rows.get(videoId)?.deleting) rows.delete(videoId);
    },
  };

  return {
    store,
    async addVideo(owner, createdAt) {
      const videoId = randomUUID();
      rows.set(videoId, { owner, deleting: false, video: { ...uploading, videoId, createdAt } });
      return videoId;
    },
  };
};

const uploading: Omit<VideoRecord, "videoId" | "createdAt"> = {
  title: "Film",
  fileName: "film.mp4",
  status: "uploading",
  dispatch: "pull",
  isPublic: false,
  size: 1,
  readyAt: undefined,
  durationMs: undefined,
  width: undefined,
  height: undefined,
  planHash: undefined,
  frontier: 0,
  playableMs: 0,
  hasPoster: false,
  hasStoryboard: false,
  renditions: [],
  failure: undefined,
  metadata: undefined,
};
