import type { PublicVideo } from "@sluice/contracts";
import { getApi } from "./api.ts";

export interface PlaybackSession {
  /** May be another one after `renew`. */
  readonly playlist: string;
  /** Asks for the right again now, for example after the edge refused the old one. */
  renew(): Promise<void>;
  close(): void;
}

/** Renew when a fifth of the time is left, but never in a loop. */
export function renewInMs(expiresAt: string, nowMs: number): number {
  return Math.max(10_000, (Date.parse(expiresAt) - nowMs) * 0.8);
}

/** Cookies that let the player read one video's files, renewed for as long as it is open. */
export async function openPlayback(videoId: string): Promise<PlaybackSession> {
  const api = await getApi();
  const closed = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = async () => {
    clearTimeout(timer);
    const playback = await api.startPlayback(videoId, { signal: closed.signal });
    const again = () => start().catch(() => {});
    // A timer holds 24.8 days at most; nothing is watched for longer.
    const wait = Math.min(renewInMs(playback.expiresAt, Date.now()), 2 ** 31 - 1);
    if (!closed.signal.aborted) timer = setTimeout(again, wait);
    return playback;
  };
  const { playlist } = await start();
  return {
    playlist,
    renew: async () => void (await start()),
    close() {
      clearTimeout(timer);
      closed.abort();
    },
  };
}

/** The same of a public video, whose right is in its address. */
export function publicPlayback(video: PublicVideo): PlaybackSession {
  const closed = new AbortController();
  let { playlist = "" } = video;
  return {
    get playlist() {
      return playlist;
    },
    async renew() {
      const again = await (await getApi()).getPublicVideo(video.videoId, { signal: closed.signal });
      playlist = again.playlist ?? playlist;
    },
    close: () => closed.abort(),
  };
}
