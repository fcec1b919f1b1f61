import type { Dispatch, StreamUpload } from "@sluice/contracts";
import type { SluiceApi } from "./api.ts";
import { type Clock, delay, systemClock } from "./clock.ts";
import { ProblemError, StreamLengthError, UploadCanceledError } from "./errors.ts";
import { alwaysOnline, type Connectivity, Gate } from "./gate.ts";
import { PartLinks } from "./links.ts";
import { PartSender } from "./part-sender.ts";
import { SpeedMeter } from "./progress.ts";
import { randomId } from "./resume.ts";
import { partRetryPolicy, type RetryPolicy } from "./retry.ts";
import type { StreamSnapshot, UploadPhase, UploadResult } from "./snapshot.ts";
import type { StreamSource } from "./source.ts";
import { StreamSchedule } from "./stream-schedule.ts";
import type { UploadOptions } from "./upload.ts";

export interface StreamUploadOptions
  extends Pick<
    UploadOptions,
    "title" | "dispatch" | "connectivity" | "retry" | "stallMs" | "clock"
  > {
  readonly onChange?: (snapshot: StreamSnapshot) => void;
}

export interface StreamUploadTask {
  /**
   * Rejects with `ProblemError`, `UnreachableError`, `AnswerError`, `PartRefusedError`,
   * `StreamLengthError` or `UploadCanceledError`, or with the stream's own error.
   */
  readonly result: Promise<UploadResult>;
  /** Resolves when the server was told, or could not be. */
  cancel(): Promise<void>;
}

/** Parts of a stream are held in memory until they have arrived: at most this many and one more. */
const maxConcurrency = 3;
/** How long an upload that failed waits for the server to hear of it. */
const farewellMs = 5_000;

/**
 * Uploads what a stream brings, while it brings it. Parts that fail are tried again from memory;
 * an upload that failed cannot be resumed, and is ended on the server.
 */
export function uploadStream(
  api: SluiceApi,
  source: StreamSource,
  options: StreamUploadOptions = {},
): StreamUploadTask {
  const stop = new AbortController();
  const run = new StreamRun({
    api,
    source,
    title: options.title,
    dispatch: options.dispatch,
    connectivity: options.connectivity ?? alwaysOnline,
    retry: options.retry ?? partRetryPolicy,
    stallMs: options.stallMs ?? 30_000,
    clock: options.clock ?? systemClock,
    onChange: options.onChange ?? (() => {}),
    signal: stop.signal,
  });
  const result = run.run();
  const settled = result.then(
    () => {},
    () => {},
  );
  return {
    result,
    cancel() {
      stop.abort(new UploadCanceledError());
      return settled;
    },
  };
}

interface StreamRunParts {
  readonly api: SluiceApi;
  readonly source: StreamSource;
  readonly title: string | undefined;
  readonly dispatch: Dispatch | undefined;
  readonly connectivity: Connectivity;
  readonly retry: RetryPolicy;
  readonly stallMs: number;
  readonly clock: Clock;
  readonly onChange: (snapshot: StreamSnapshot) => void;
  readonly signal: AbortSignal;
}

class StreamRun {
  readonly #with: StreamRunParts;
  readonly #speed = new SpeedMeter();
  #phase: UploadPhase = "preparing";
  #trouble: StreamSnapshot["trouble"];
  #upload: StreamUpload | undefined;
  #schedule: StreamSchedule | undefined;
  #sender: PartSender | undefined;

  constructor(parts: StreamRunParts) {
    this.#with = parts;
  }

  async run(): Promise<UploadResult> {
    const { source, signal } = this.#with;
    try {
      this.#changed();
      if (!(await source.hasMore(signal))) {
        throw new StreamLengthError("file-empty", "Nothing came: there is no file to upload.");
      }
      const upload = await this.#create();
      const schedule = new StreamSchedule(upload);
      this.#schedule = schedule;
      await this.#sendParts(upload, schedule);
      this.#enter("completing");
      await this.#with.api.completeUpload(
        upload.uploadId,
        { parts: schedule.parts(), size: schedule.size },
        { signal },
      );
    } catch (error) {
      if (!(await this.#wasCompleted())) {
        this.#enter(error instanceof UploadCanceledError ? "canceled" : "failed");
        throw error;
      }
    }
    this.#enter("done");
    return { videoId: this.#upload?.videoId ?? "" };
  }

  async #create(): Promise<StreamUpload> {
    const { api, source, title, dispatch, signal } = this.#with;
    this.#upload = await api.createStreamUpload(
      {
        fileName: source.name,
        ...(source.contentType && { contentType: source.contentType }),
        ...(title && { title }),
        ...(dispatch && { dispatch }),
      },
      randomId(),
      { signal },
    );
    return this.#upload;
  }

  async #sendParts({ uploadId, maxBytes }: StreamUpload, schedule: StreamSchedule): Promise<void> {
    const { api, source, clock, connectivity, retry, stallMs, signal } = this.#with;
    this.#sender = new PartSender({
      ...{ api, uploadId, source, clock, connectivity, retry, stallMs, signal, maxConcurrency },
      schedule,
      links: new PartLinks(api, uploadId, schedule, clock, signal),
      gate: new Gate(),
      onArrived: (partNumber) => source.release(schedule.range(partNumber).start),
      onProgress: (newBytes) => {
        this.#speed.add(newBytes, clock.now());
        this.#trouble = undefined;
        this.#changed();
      },
      onTrouble: (error, offline) => {
        this.#trouble = { message: error.message, offline };
        this.#changed();
      },
    });
    this.#enter("uploading");
    await this.#sender.sendAll(async (stopped) => {
      if (!(await source.hasMore(stopped))) return undefined;
      const room = schedule.roomInNextPart;
      if (room === 0 || schedule.lastPart) {
        throw new StreamLengthError(
          "file-too-large",
          `More than ${maxBytes} bytes came; that is the most that is taken.`,
        );
      }
      return schedule.add(await source.hold(room, stopped));
    });
  }

  /** Ends the upload on the server, unless it turns out to be complete: the answer may be lost. */
  async #wasCompleted(): Promise<boolean> {
    const { api, clock } = this.#with;
    if (!this.#upload) return false;
    const over = new AbortController();
    const farewell = api.abortUpload(this.#upload.uploadId, { signal: over.signal });
    try {
      await Promise.race([
        farewell,
        delay(clock, farewellMs, over.signal).then(() => over.abort(new UploadCanceledError())),
      ]);
      return false;
    } catch (error) {
      // What nobody told the server about is ended by the bucket's lifecycle rule.
      return error instanceof ProblemError && error.code === "upload-completed";
    } finally {
      over.abort(new UploadCanceledError());
    }
  }

  #enter(phase: UploadPhase): void {
    this.#phase = phase;
    this.#trouble = undefined;
    this.#changed();
  }

  #changed(): void {
    const { clock, onChange } = this.#with;
    const confirmedBytes = this.#schedule?.confirmedBytes ?? 0;
    const isWhole = this.#phase === "completing" || this.#phase === "done";
    const moving = this.#phase === "uploading" && !this.#trouble;
    onChange({
      phase: this.#phase,
      videoId: this.#upload?.videoId,
      totalBytes: isWhole ? this.#schedule?.size : undefined,
      confirmedBytes,
      bytes: confirmedBytes + (this.#sender?.inFlightBytes ?? 0),
      bytesPerSecond: moving ? this.#speed.bytesPerSecond(clock.now()) : undefined,
      secondsLeft: undefined,
      trouble: this.#trouble,
    });
  }
}
