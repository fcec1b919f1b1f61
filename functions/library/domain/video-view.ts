import type { Video } from "@sluice/contracts";
import type { PosterSigner, VideoRecord } from "../ports.ts";
import { isPlayable } from "./playable.ts";

const hourMs = 60 * 60_000;

/**
 * When a poster's link ends: one to two hours from now, at a full hour. It stays the same within
 * the hour, so that browsers and edges keep the picture.
 */
export const posterExpiry = (now: Date): Date =>
  new Date((Math.floor(now.getTime() / hourMs) + 2) * hourMs);

/** A video as the contract shows it. */
export const viewOf = async (
  record: VideoRecord,
  posters: PosterSigner,
  now: Date,
): Promise<Video> => ({
  videoId: record.videoId,
  title: record.title,
  fileName: record.fileName,
  status: record.status,
  dispatch: record.dispatch,
  visibility: record.isPublic ? "public" : "private",
  ...(record.size !== undefined && { size: record.size }),
  createdAt: record.createdAt.toISOString(),
  ...(record.readyAt && { readyAt: record.readyAt.toISOString() }),
  ...(record.durationMs !== undefined && { durationMs: record.durationMs }),
  ...(record.width !== undefined && { width: record.width }),
  ...(record.height !== undefined && { height: record.height }),
  playable: isPlayable(record),
  playableMs: isPlayable(record) ? record.playableMs : 0,
  ...(record.hasPoster &&
    record.planHash !== undefined && {
      posterUrl: await posters.signedPath(
        `/videos/${record.videoId}/${record.planHash}/poster.jpg`,
        posterExpiry(now),
      ),
    }),
  ...(record.hasStoryboard &&
    record.planHash !== undefined && {
      storyboardUrl: `/videos/${record.videoId}/${record.planHash}/storyboard.vtt`,
    }),
  renditions: record.renditions.map((rendition) => ({ ...rendition })),
  ...(record.failure && { failure: { ...record.failure } }),
  ...(record.metadata && { metadata: record.metadata }),
});
