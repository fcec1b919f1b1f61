import type { Dispatch } from "@sluice/contracts";
import type { SluiceApi } from "./api.ts";
import { type Clock, systemClock } from "./clock.ts";
import { UploadCanceledError, UploadDetachedError } from "./errors.ts";
import { alwaysOnline, type Connectivity } from "./gate.ts";
import type { ResumeStore } from "./resume.ts";
import { memoryResumeStore } from "./resume.ts";
import { partRetryPolicy, type RetryPolicy } from "./retry.ts";
import type { UploadResult, UploadSnapshot } from "./snapshot.ts";
import type { UploadSource } from "./source.ts";
import { UploadRun } from "./upload-run.ts";

export interface UploadOptions {
  readonly title?: string;
  /** Default: what the deployment chose. Of an upload that is resumed, it stays what it was. */
  readonly dispatch?: Dispatch;
  /** Aborting it cancels: the upload is ended on the server too. To go on later, use `detach`. */
  readonly signal?: AbortSignal;
  /** Called at every change, up to some hundred times a second. */
  readonly onChange?: (snapshot: UploadSnapshot) => void;
  /** Default: memory, so that a failed upload goes on when it is started again. */
  readonly resumeStore?: ResumeStore;
  readonly connectivity?: Connectivity;
  readonly retry?: RetryPolicy;
  /** An attempt without progress for this long is given up. Default 30 s. */
  readonly stallMs?: number;
  readonly clock?: Clock;
}

export interface UploadTask {
  /**
   * Rejects with `ProblemError`, `UnreachableError`, `AnswerError`, `PartRefusedError`,
   * `SourceChangedError` or `UploadCanceledError`.
   */
  readonly result: Promise<UploadResult>;
  /** Ends what is in flight; nothing is lost but those parts. */
  pause(): void;
  resume(): void;
  /** Resolves when the server was told, or could not be. */
  cancel(): Promise<void>;
  /** Stops, and leaves the upload to be resumed by another call with the same file. */
  detach(): Promise<void>;
}

const sharedMemory = memoryResumeStore();

/**
 * Uploads a file in parts, several at once, directly to the storage. Parts that fail are tried
 * again with backoff; an upload that was interrupted goes on where it was. Integrity rests on
 * the length bound into each link and on S3's own ETag; checksums of our own come later.
 */
export function upload(
  api: SluiceApi,
  source: UploadSource,
  options: UploadOptions = {},
): UploadTask {
  const stop = new AbortController();
  const cancel = () => stop.abort(new UploadCanceledError());
  if (options.signal?.aborted) cancel();
  options.signal?.addEventListener("abort", cancel, { once: true });

  const run = new UploadRun({
    api,
    source,
    title: options.title,
    dispatch: options.dispatch,
    resumeStore: options.resumeStore ?? sharedMemory,
    connectivity: options.connectivity ?? alwaysOnline,
    retry: options.retry ?? partRetryPolicy,
    stallMs: options.stallMs ?? 30_000,
    clock: options.clock ?? systemClock,
    onChange: options.onChange ?? (() => {}),
    signal: stop.signal,
  });
  const result = run.run().finally(() => options.signal?.removeEventListener("abort", cancel));
  const settled = result.then(
    () => {},
    () => {},
  );
  return {
    result,
    pause: () => run.pause(),
    resume: () => run.resume(),
    cancel() {
      cancel();
      return settled;
    },
    detach() {
      stop.abort(new UploadDetachedError());
      return settled;
    },
  };
}
