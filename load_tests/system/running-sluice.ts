import { SluiceApi } from "@sluice/client";
import type { Video } from "@sluice/contracts";
import { type ReadyEvent, SluiceProcess } from "./sluice-process.ts";

/** Sluice, started by its command on a data directory of its own, with an empty library. */
export interface RunningSluice extends AsyncDisposable {
  readonly pid: number;
  readonly dataDir: string;
  readonly ready: ReadyEvent;
  readonly api: SluiceApi;
  readonly process: SluiceProcess;
}

export async function startSluice(
  dataDir: string,
  args: readonly string[] = [],
): Promise<RunningSluice> {
  // An empty library is filled with a sample clip where an encoder is named; nobody asked for one.
  const started = new SluiceProcess(["--port", "0", "--data-dir", dataDir, ...args], {
    SLUICE_FFMPEG: undefined,
  });
  const ready = await started.ready();
  return {
    pid: started.pid,
    dataDir,
    ready,
    api: apiOf(ready),
    process: started,
    async [Symbol.asyncDispose]() {
      await started.stop();
    },
  };
}

export function apiOf(ready: ReadyEvent): SluiceApi {
  return new SluiceApi({ baseUrl: ready.api, token: async () => ready.token });
}

/** Asks until the video is what is wanted; by default ready or failed. */
export async function untilVideo(
  api: SluiceApi,
  videoId: string,
  fits: (video: Video) => boolean = ({ status }) => status === "ready" || status === "failed",
  pollMs = 100,
): Promise<Video> {
  for (;;) {
    const video = await api.getVideo(videoId);
    if (fits(video)) return video;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
