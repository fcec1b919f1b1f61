import type { Video } from "@sluice/contracts";

/**
 * The known videos after the newest page was read: the page replaces its stretch of time, so that
 * what was deleted elsewhere goes; older videos, read by "show more", stay.
 */
export function mergeNewest(
  known: readonly Video[],
  page: readonly Video[],
  hasMore: boolean,
): Video[] {
  const oldest = page.at(-1);
  if (!hasMore || !oldest) return [...page];
  const inPage = new Set(page.map((video) => video.videoId));
  const older = known.filter(
    (video) => video.createdAt < oldest.createdAt && !inPage.has(video.videoId),
  );
  return [...page, ...older];
}

export function appendOlder(known: readonly Video[], page: readonly Video[]): Video[] {
  const ids = new Set(known.map((video) => video.videoId));
  return [...known, ...page.filter((video) => !ids.has(video.videoId))];
}

export function isInWork(video: Pick<Video, "status">): boolean {
  return (
    video.status === "planning" || video.status === "transcoding" || video.status === "packaging"
  );
}

/** Sound without a picture; not known before there is a plan. */
export function isSound(video: Pick<Video, "renditions">): boolean {
  return video.renditions.length > 0 && video.renditions.every(({ name }) => name === "audio");
}

/** Segments of all renditions: what "42 %" is of. */
export function workOf(video: Video): { readonly done: number; readonly total: number } {
  return video.renditions.reduce(
    (sum, { segmentsDone, segmentsTotal }) => ({
      done: sum.done + segmentsDone,
      total: sum.total + segmentsTotal,
    }),
    { done: 0, total: 0 },
  );
}

export const pollDelays = { busyMs: 1_000, idleMs: 15_000, maxErrorMs: 30_000 };

/** How long to wait before the list is read again. */
export function nextPollMs(videos: readonly Video[], uploading: boolean, failures: number): number {
  if (failures > 0) return Math.min(pollDelays.maxErrorMs, 1_000 * 2 ** Math.min(failures, 10));
  return uploading || videos.some(isInWork) ? pollDelays.busyMs : pollDelays.idleMs;
}
