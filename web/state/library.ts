import { batch, signal } from "@preact/signals";
import type { Video, Visibility } from "@sluice/contracts";
import { sentenceFor } from "../text/sentences.ts";
import { announce } from "./announce.ts";
import { getApi, getPollingApi } from "./api.ts";
import { appendOlder, isInWork, mergeNewest, nextPollMs } from "./video-list.ts";

export const videos = signal<readonly Video[]>([]);
/** False until the first answer, so that "empty" is only said when it is known. */
export const isLoaded = signal(false);
/** Why the list is not fresh; undefined while all is well. */
export const libraryError = signal<string | undefined>(undefined);
export const nextCursor = signal<string | undefined>(undefined);

let isStarted = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let reading = false;
let busyElsewhere: () => boolean = () => false;
const deleted = new Set<string>();

/** Reads the list now and then: each second while something is in work, not at all while hidden. */
export function startLibrary(): void {
  if (isStarted) return;
  isStarted = true;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else void refresh();
  });
  void refresh();
}

/** Lets uploads keep the list fresh. */
export function whileBusy(isBusy: () => boolean): void {
  busyElsewhere = isBusy;
}

export async function refresh(): Promise<void> {
  if (reading) return;
  reading = true;
  clearTimeout(timer);
  try {
    const api = await getPollingApi();
    const page = await api.listVideos({ limit: 50 });
    const fresh = page.videos.filter((video) => !deleted.has(video.videoId));
    sayWhatChanged(videos.value, fresh);
    batch(() => {
      const isFirst = !isLoaded.value || videos.value.length <= page.videos.length;
      videos.value = mergeNewest(videos.value, fresh, page.nextCursor !== undefined);
      if (isFirst) nextCursor.value = page.nextCursor;
      isLoaded.value = true;
      libraryError.value = undefined;
    });
    failures = 0;
  } catch (error) {
    failures += 1;
    libraryError.value = sentenceFor(error);
  } finally {
    reading = false;
    if (!document.hidden) {
      timer = setTimeout(refresh, nextPollMs(videos.value, busyElsewhere(), failures));
    }
  }
}

export async function showMore(): Promise<void> {
  const cursor = nextCursor.value;
  if (!cursor) return;
  const page = await (await getApi()).listVideos({ limit: 50, cursor });
  batch(() => {
    videos.value = appendOlder(videos.value, page.videos);
    nextCursor.value = page.nextCursor;
  });
}

/** @throws what the API answers; the video is then shown as before */
export async function deleteVideo(video: Video): Promise<void> {
  await (await getApi()).deleteVideo(video.videoId);
  deleted.add(video.videoId);
  videos.value = videos.value.filter(({ videoId }) => videoId !== video.videoId);
  announce(`${video.title} was deleted.`);
}

/** @throws what the API answers */
export async function setVisibility(videoId: string, visibility: Visibility): Promise<Video> {
  const changed = await (await getApi()).updateVideo(videoId, { visibility });
  videos.value = videos.value.map((video) => (video.videoId === videoId ? changed : video));
  announce(`${changed.title} is ${visibility} now.`);
  return changed;
}

function sayWhatChanged(before: readonly Video[], after: readonly Video[]): void {
  const known = new Map(before.map((video) => [video.videoId, video]));
  for (const video of after) {
    const old = known.get(video.videoId);
    if (!old) continue;
    if (video.status === "ready" && old.status !== "ready") announce(`${video.title} is ready.`);
    else if (video.status === "failed" && old.status !== "failed") {
      announce(`${video.title} failed: ${video.failure?.message ?? ""}`);
    } else if (video.playable && !old.playable && isInWork(video)) {
      announce(`${video.title} can be watched now.`);
    }
  }
}
