import { ProblemError, type SluiceApi, type UploadSnapshot, upload } from "@sluice/client";
import { fileSource, resumeDirectory } from "@sluice/client/node";
import type { Dispatch, Video } from "@sluice/contracts";
import { contentType } from "mime-types";
import { type Playable, playbackCookie } from "./playback-cookie.ts";

/** What happens to one file, in order; `failed` may come at any point. */
export type JourneyEvent =
  | { readonly kind: "upload-progress"; readonly snapshot: UploadSnapshot }
  | ({ readonly kind: "uploading" } & Watchable)
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

export interface JourneyOptions {
  readonly api: SluiceApi;
  /** Origin of the edge, for example `http://127.0.0.1:8080`. */
  readonly web: string;
  readonly token: () => Promise<string>;
  readonly file: string;
  readonly title?: string;
  readonly dispatch?: Dispatch;
  /** Directory that remembers unfinished uploads, so that the same file goes on where it stopped. */
  readonly resumeDir: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: JourneyEvent) => void;
}

const pollMs = 500;

/** Uploads a file and follows it until it is ready or has failed; resolves either way. */
export async function followVideo(options: JourneyOptions): Promise<void> {
  const { onEvent, signal } = options;
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  let videoId: string | undefined;
  try {
    videoId = await uploadFile(options, (id) => {
      onEvent({ kind: "uploading", videoId: id, watch: watchAddress(options.web, id), ms: ms() });
    });
    await followTranscode(options, videoId, ms);
  } catch (error) {
    if (signal.aborted) return;
    onEvent({
      kind: "failed",
      ...(videoId === undefined ? {} : { videoId }),
      code: error instanceof ProblemError ? error.code : "failed",
      message: error instanceof Error ? error.message : String(error),
      ms: ms(),
    });
  }
}

function watchAddress(web: string, videoId: string): string {
  return `${web}/#/videos/${videoId}`;
}

async function uploadFile(
  options: JourneyOptions,
  onCreated: (videoId: string) => void,
): Promise<string> {
  const type = contentType(options.file.split("/").at(-1) ?? "");
  const source = await fileSource(options.file, type ? { contentType: type } : {});
  let created = false;
  const task = upload(options.api, source, {
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.dispatch === undefined ? {} : { dispatch: options.dispatch }),
    resumeStore: resumeDirectory(options.resumeDir),
    onChange(snapshot) {
      if (!created && snapshot.videoId !== undefined) {
        created = true;
        onCreated(snapshot.videoId);
      }
      options.onEvent({ kind: "upload-progress", snapshot });
    },
  });
  // Ctrl-C leaves the upload to be resumed; it does not cancel it.
  const detach = () => void task.detach();
  options.signal.addEventListener("abort", detach, { once: true });
  try {
    return (await task.result).videoId;
  } finally {
    options.signal.removeEventListener("abort", detach);
    await source.close();
  }
}

async function followTranscode(
  options: JourneyOptions,
  videoId: string,
  ms: () => number,
): Promise<void> {
  const { api, onEvent, signal } = options;
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
        ms: ms(),
      });
      return;
    }
    if ((video.playable && !announced) || video.status === "ready") {
      const playback = await playbackCookie(options.web, videoId, await options.token(), signal);
      const event = { videoId, watch: watchAddress(options.web, videoId), ...playback, ms: ms() };
      if (!announced) onEvent({ kind: "playable", ...event });
      announced = true;
      if (video.status === "ready") {
        onEvent({ kind: "done", ...event });
        return;
      }
    }
    await sleep(pollMs, signal);
  }
}

function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
