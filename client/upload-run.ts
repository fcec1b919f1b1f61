import type { Dispatch, Upload } from "@sluice/contracts";
import type { SluiceApi } from "./api.ts";
import type { Clock } from "./clock.ts";
import { ProblemError, SourceChangedError, UploadCanceledError } from "./errors.ts";
import { type Connectivity, Gate } from "./gate.ts";
import { PartLinks } from "./links.ts";
import { PartSender } from "./part-sender.ts";
import { SpeedMeter } from "./progress.ts";
import {
  isSameFile,
  maxRecordAgeMs,
  type ResumeRecord,
  type ResumeStore,
  randomId,
  resumeKey,
} from "./resume.ts";
import type { RetryPolicy } from "./retry.ts";
import { PartScheduler } from "./scheduler.ts";
import type { UploadPhase, UploadResult, UploadSnapshot } from "./snapshot.ts";
import type { UploadSource } from "./source.ts";

interface UploadRunParts {
  readonly api: SluiceApi;
  readonly source: UploadSource;
  readonly title: string | undefined;
  readonly dispatch: Dispatch | undefined;
  readonly resumeStore: ResumeStore;
  readonly connectivity: Connectivity;
  readonly retry: RetryPolicy;
  readonly stallMs: number;
  readonly clock: Clock;
  readonly onChange: (snapshot: UploadSnapshot) => void;
  readonly signal: AbortSignal;
}

/** One upload from create to complete. */
export class UploadRun {
  readonly #with: UploadRunParts;
  readonly #gate = new Gate();
  readonly #speed = new SpeedMeter();
  readonly #key: string;
  #phase: UploadPhase = "preparing";
  #trouble: UploadSnapshot["trouble"];
  #record: ResumeRecord | undefined;
  #scheduler: PartScheduler | undefined;
  #sender: PartSender | undefined;

  constructor(parts: UploadRunParts) {
    this.#with = parts;
    this.#key = resumeKey(parts.source);
  }

  async run(): Promise<UploadResult> {
    try {
      const videoId = await this.#upload();
      await this.#with.resumeStore.remove(this.#key);
      this.#enter("done");
      return { videoId };
    } catch (error) {
      const videoId = this.#record?.upload?.videoId;
      // The answer to complete was lost, or another window completed it: the video is there.
      if (videoId && error instanceof ProblemError && error.code === "upload-completed") {
        await this.#with.resumeStore.remove(this.#key);
        this.#enter("done");
        return { videoId };
      }
      await this.#cleanUpAfter(error);
      this.#enter(error instanceof UploadCanceledError ? "canceled" : "failed");
      throw error;
    }
  }

  pause(): void {
    if (this.#phase !== "uploading" && this.#phase !== "preparing") return;
    this.#gate.set(false);
    this.#sender?.interrupt();
    this.#enter("paused");
  }

  resume(): void {
    if (this.#phase !== "paused") return;
    this.#speed.reset();
    this.#enter(this.#sender ? "uploading" : "preparing");
    this.#gate.set(true);
  }

  async #upload(): Promise<string> {
    const { api, signal, source } = this.#with;
    this.#changed();
    signal.throwIfAborted();
    const upload = (await this.#resumeEarlier()) ?? (await this.#create());
    await this.#sendParts(upload);
    await this.#gate.pass(signal);
    await source.verifyUnchanged();
    this.#enter("completing");
    try {
      await api.completeUpload(upload.uploadId, { parts: this.#parts() }, { signal });
    } catch (error) {
      if (!isPartProblem(error)) throw error;
      // The storage holds other parts than we think: ask it, send what is missing, once.
      this.#scheduler = await this.#schedule(upload);
      this.#enter("uploading");
      await this.#sendParts(upload);
      this.#enter("completing");
      await api.completeUpload(upload.uploadId, { parts: this.#parts() }, { signal });
    }
    return upload.videoId;
  }

  /** The upload of the same file that an earlier run left, with what the storage holds of it. */
  async #resumeEarlier(): Promise<Upload | undefined> {
    const { resumeStore, source, clock } = this.#with;
    const record = await resumeStore.load(this.#key);
    if (!record || !isSameFile(record, source)) return undefined;
    if (clock.now() - record.createdAt > maxRecordAgeMs) return undefined;
    this.#record = record;
    if (!record.upload) return undefined;
    try {
      this.#scheduler = await this.#schedule(record.upload);
      return record.upload;
    } catch (error) {
      if (!isGone(error)) throw error;
      await resumeStore.remove(this.#key);
      this.#record = undefined;
      return undefined;
    }
  }

  async #create(): Promise<Upload> {
    const { resumeStore, source, clock } = this.#with;
    this.#record ??= {
      version: 1,
      name: source.name,
      size: source.size,
      lastModified: source.lastModified,
      idempotencyKey: randomId(),
      createdAt: clock.now(),
    };
    await resumeStore.save(this.#key, this.#record);
    const upload = await this.#callCreate(this.#record, this.#with.signal);
    this.#scheduler = new PartScheduler(upload);
    this.#record = { ...this.#record, upload };
    await resumeStore.save(this.#key, this.#record);
    return upload;
  }

  #callCreate(record: ResumeRecord, signal?: AbortSignal): Promise<Upload> {
    const { api, source, title, dispatch } = this.#with;
    return api.createUpload(
      {
        fileName: source.name,
        size: source.size,
        ...(source.contentType && { contentType: source.contentType }),
        ...(title && { title }),
        ...(dispatch && { dispatch }),
      },
      record.idempotencyKey,
      { signal },
    );
  }

  async #schedule(upload: Upload): Promise<PartScheduler> {
    const { api, signal } = this.#with;
    const scheduler = new PartScheduler(upload);
    scheduler.adopt(await api.listParts(upload.uploadId, { signal }));
    return scheduler;
  }

  async #sendParts(upload: Upload): Promise<void> {
    const scheduler = this.#scheduler;
    if (!scheduler) throw new TypeError("An upload without a schedule cannot be sent.");
    const { api, source, clock, connectivity, retry, stallMs, signal } = this.#with;
    const uploadId = upload.uploadId;
    this.#sender = new PartSender({
      api,
      uploadId,
      source,
      schedule: scheduler,
      links: new PartLinks(api, uploadId, scheduler, clock, signal),
      gate: this.#gate,
      clock,
      connectivity,
      retry,
      stallMs,
      signal,
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
    if (this.#phase !== "paused") this.#enter("uploading");
    await this.#sender.sendAll(async () => scheduler.take());
  }

  #parts(): { partNumber: number; etag: string }[] {
    return this.#scheduler?.parts() ?? [];
  }

  /** Nothing half-made stays behind, unless it can be resumed. */
  async #cleanUpAfter(error: unknown): Promise<void> {
    const { api, resumeStore } = this.#with;
    const isOver = error instanceof UploadCanceledError || error instanceof SourceChangedError;
    if (isGone(error)) await resumeStore.remove(this.#key);
    if (!isOver || !this.#record) return;
    try {
      // Cancelled before create answered: its key says which upload that was.
      const upload = this.#record.upload ?? (await this.#callCreate(this.#record));
      await api.abortUpload(upload.uploadId);
    } catch {
      // The bucket's lifecycle rule ends what nobody told the server about.
    }
    await resumeStore.remove(this.#key);
  }

  #enter(phase: UploadPhase): void {
    this.#phase = phase;
    this.#trouble = undefined;
    this.#changed();
  }

  #changed(): void {
    const { source, clock, onChange } = this.#with;
    const isDone = this.#phase === "done";
    const confirmedBytes = isDone ? source.size : (this.#scheduler?.confirmedBytes ?? 0);
    const bytes = Math.min(source.size, confirmedBytes + (this.#sender?.inFlightBytes ?? 0));
    const moving = this.#phase === "uploading" && !this.#trouble;
    const bytesPerSecond = moving ? this.#speed.bytesPerSecond(clock.now()) : undefined;
    onChange({
      phase: this.#phase,
      videoId: this.#record?.upload?.videoId,
      totalBytes: source.size,
      confirmedBytes,
      bytes,
      bytesPerSecond,
      secondsLeft: bytesPerSecond ? (source.size - bytes) / bytesPerSecond : undefined,
      trouble: this.#trouble,
    });
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof ProblemError && (error.code === "upload-aborted" || error.code === "not-found")
  );
}

function isPartProblem(error: unknown): boolean {
  return (
    error instanceof ProblemError &&
    (error.code === "parts-missing" || error.code === "part-mismatch")
  );
}
