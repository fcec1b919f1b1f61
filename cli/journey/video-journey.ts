import { setTimeout } from "node:timers/promises";
import type { SluiceApi, StreamSnapshot } from "@sluice/client";
import type { Video } from "@sluice/contracts";
import { failureCode, failureMessage } from "./failure-code.ts";
import { type Playable, playbackCookie } from "./playback-cookie.ts";
import type { Send } from "./send.ts";

/** What happens to one file, in order; `failed` may come at any point. */
export type JourneyEvent =
  | { readonly kind: "upload-progress"; readonly snapshot: StreamSnapshot }
  | ({ readonly kind: "uploading" | "uploaded" } & Watchable)
  | { readonly kind: "progress"; readonly video: Video }
  | ({ readonly kind: "playable" | "done" } & Watchable & Playable)
  | {
      readonly kind: "failed";
      readonly videoId?: string;
      readonly code: string;
      readonly message: string;
      readonly ms: number;
    };

export interface Watchable {
  readonly videoId: string;
  /** Address of the page that plays it. */
  readonly watch: string;
  /** Since the upload of this file began. */
  readonly ms: number;
}

/** How far a video is followed: `uploaded` ends when the server has all of it. */
export type JourneyEnd = "uploaded" | "playable" | "ready";

export interface JourneyOptions {
  readonly api: SluiceApi;
  /** Address that `/videos` is appended to, for example `http://127.0.0.1:8080/api`. */
  readonly apiUrl: string;
  /** Origin of the edge, for example `http://127.0.0.1:8080`. */
  readonly web: string;
  readonly token: () => Promise<string>;
  readonly send: Send;
  readonly until: JourneyEnd;
  readonly signal: AbortSignal;
  readonly onEvent: (event: JourneyEvent) => void;
}

const pollMs = 500;

/** Uploads a file and follows it as far as was asked for; resolves also when it fails. */
export async function followVideo(options: JourneyOptions): Promise<void> {
  const { onEvent, signal, send, until } = options;
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  let videoId: string | undefined;
  const watchable = (id: string) => ({
    videoId: id,
    watch: watchAddress(options.web, id),
    ms: ms(),
  });
  try {
    const uploaded = await send({
      signal,
      onChange(snapshot) {
        if (videoId === undefined && snapshot.videoId !== undefined) {
          videoId = snapshot.videoId;
          onEvent({ kind: "uploading", ...watchable(videoId) });
        }
        onEvent({ kind: "upload-progress", snapshot });
      },
    });
    if (until === "uploaded") onEvent({ kind: "uploaded", ...watchable(uploaded) });
    else await followTranscode(options, uploaded, watchable);
  } catch (error) {
    if (signal.aborted) return;
    onEvent({
      kind: "failed",
      ...(videoId === undefined ? {} : { videoId }),
      code: failureCode(error),
      message: failureMessage(error),
      ms: ms(),
    });
  }
}

export function watchAddress(web: string, videoId: string): string {
  return `${web}/#/videos/${videoId}`;
}

async function followTranscode(
  options: JourneyOptions,
  videoId: string,
  watchable: (videoId: string) => Watchable,
): Promise<void> {
  const { api, apiUrl, web, onEvent, signal } = options;
  let announced = false;
  for (;;) {
    const video = await api.getVideo(videoId, { signal });
    onEvent({ kind: "progress", video });
    if (video.status === "failed") {
      onEvent({
        kind: "failed",
        videoId,
        code: video.failure?.code ?? "failed",
        message: video.failure?.message ?? "The video could not be made.",
        ms: watchable(videoId).ms,
      });
      return;
    }
    if ((video.playable && !announced) || video.status === "ready") {
      const where = { web, apiUrl, videoId };
      const playback = await playbackCookie(where, await options.token(), signal);
      const event = { ...watchable(videoId), ...playback };
      if (!announced) onEvent({ kind: "playable", ...event });
      announced = true;
      if (options.until === "playable") return;
      if (video.status === "ready") {
        onEvent({ kind: "done", ...event });
        return;
      }
    }
    await setTimeout(pollMs, undefined, { signal });
  }
}
