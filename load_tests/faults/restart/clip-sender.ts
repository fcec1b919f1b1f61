import { join } from "node:path";
import { upload } from "@sluice/client";
import { fileSource, resumeDirectory } from "@sluice/client/node";
import type { Dispatch } from "@sluice/contracts";
import type { RunningSluice } from "../../system/running-sluice.ts";

export interface UploadAttempt {
  /** The video, once all of it is uploaded. */
  readonly result: Promise<string>;
  /** Of the upload, if the client knows it by now: from then on it counts as accepted. */
  videoId(): string | undefined;
  /** As a client does that is closed: nothing is cancelled. */
  detach(): Promise<void>;
}

/** Somebody with one file, who starts the client again after each kill and sends what is missing. */
export class ClipSender {
  readonly #clip: string;
  readonly #dispatch: Dispatch;
  readonly #resumeStore: ReturnType<typeof resumeDirectory>;
  #uploaded: string | undefined;

  /** @param directory where the client remembers unfinished uploads */
  constructor(clip: string, directory: string, dispatch: Dispatch) {
    this.#clip = clip;
    this.#dispatch = dispatch;
    this.#resumeStore = resumeDirectory(join(directory, "unfinished-uploads"));
  }

  async begin({ api }: RunningSluice): Promise<UploadAttempt> {
    const uploaded = this.#uploaded;
    if (uploaded !== undefined) {
      return {
        result: Promise.resolve(uploaded),
        videoId: () => uploaded,
        detach: async () => {},
      };
    }
    const source = await fileSource(this.#clip, { contentType: "video/mp4" });
    let videoId: string | undefined;
    const task = upload(api, source, {
      dispatch: this.#dispatch,
      resumeStore: this.#resumeStore,
      onChange(snapshot) {
        videoId = snapshot.videoId ?? videoId;
      },
    });
    const result = task.result
      .then((done) => {
        this.#uploaded = done.videoId;
        return done.videoId;
      })
      .finally(() => source.close());
    result.catch(() => {});
    return { result, videoId: () => videoId, detach: () => task.detach() };
  }
}
