import PQueue from "p-queue";
import type { SluiceApi } from "./api.ts";
import { type Clock, delay } from "./clock.ts";
import { ConcurrencyGovernor } from "./concurrency.ts";
import { AnswerError, PartRefusedError, UnreachableError } from "./errors.ts";
import type { Connectivity, Gate } from "./gate.ts";
import type { PartLinks } from "./links.ts";
import type { PartSchedule } from "./part-schedule.ts";
import { ProgressTracker } from "./progress.ts";
import { parseRetryAfter, type RetryPolicy, withRetry } from "./retry.ts";
import { type PartAnswer, type PartSource, s3ErrorCode } from "./source.ts";
import { withStallDetection } from "./stall.ts";

/** Not the part's fault: paused or offline. Tried again without counting. */
class InterruptedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InterruptedError";
  }
}

export interface PartSenderParts {
  readonly api: SluiceApi;
  readonly uploadId: string;
  readonly source: PartSource;
  readonly schedule: PartSchedule;
  readonly links: PartLinks;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly connectivity: Connectivity;
  readonly retry: RetryPolicy;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  readonly maxConcurrency?: number;
  readonly onArrived?: (partNumber: number) => void;
  readonly onProgress: (newBytes: number) => void;
  readonly onTrouble: (error: Error, offline: boolean) => void;
}

/** Links may be refused this often in a row for one part: expiry explains one, clocks another. */
const maxLinkRefusals = 3;
const sampleMs = 2_000;
const offlineProbeMs = 10_000;

/** Sends parts, several at once, each until it has arrived. */
export class PartSender {
  readonly #with: PartSenderParts;
  readonly #progress = new ProgressTracker();
  readonly #governor: ConcurrencyGovernor;
  readonly #attempts = new Set<AbortController>();
  #sample = { startedAt: 0, bytes: 0, failures: 0 };

  constructor(parts: PartSenderParts) {
    this.#with = parts;
    this.#governor = new ConcurrencyGovernor(parts.maxConcurrency);
  }

  get inFlightBytes(): number {
    return this.#progress.inFlightBytes;
  }

  /** Ends what is in flight; it is sent again when the gate opens. */
  interrupt(): void {
    for (const attempt of this.#attempts) attempt.abort(new InterruptedError("Paused."));
  }

  /**
   * Sends the parts that `next` hands out, until it hands out none. It is asked when at most one
   * connection is free, so that no more than concurrency + 1 parts are in hand.
   * Resolves when all are confirmed; rejects with the first error that retrying cannot mend.
   */
  async sendAll(next: (signal: AbortSignal) => Promise<number | undefined>): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#with.signal, failed.signal]);
    const queue = new PQueue({ concurrency: this.#governor.concurrency });
    this.#beginSample();
    const send = async (partNumber: number) => {
      try {
        await this.#send(partNumber, signal);
        queue.concurrency = this.#governor.concurrency;
      } catch (error) {
        failed.abort(error);
      }
    };
    try {
      while (!signal.aborted) {
        await queue.onSizeLessThan(1);
        const partNumber = await next(signal);
        if (partNumber === undefined) break;
        void queue.add(() => send(partNumber));
      }
    } catch (error) {
      failed.abort(error);
    }
    await queue.onIdle();
    signal.throwIfAborted();
  }

  async #send(partNumber: number, signal: AbortSignal): Promise<void> {
    const { schedule, retry, clock, onTrouble } = this.#with;
    try {
      signal.throwIfAborted();
      const etag = await withRetry(() => this.#attemptUntilSettled(partNumber, signal), retry, {
        clock,
        signal,
        onRetry: (error) => onTrouble(error, false),
      });
      schedule.confirm(partNumber, etag);
      this.#with.onArrived?.(partNumber);
      this.#progress.forget(partNumber);
      this.#with.onProgress(0);
      this.#observe();
    } catch (error) {
      schedule.release(partNumber);
      throw error;
    }
  }

  /** Interruptions are not the part's failures: each is bounded by what caused it, not by retries. */
  async #attemptUntilSettled(partNumber: number, signal: AbortSignal): Promise<string> {
    for (let refusals = 0; ; ) {
      try {
        return await this.#attempt(partNumber, signal);
      } catch (error) {
        signal.throwIfAborted();
        const isExpiry = isRefusedLink(error) && ++refusals <= maxLinkRefusals;
        if (!isExpiry && !(error instanceof InterruptedError)) throw error;
      }
    }
  }

  async #attempt(partNumber: number, signal: AbortSignal): Promise<string> {
    const { source, schedule, links, gate, clock, stallMs } = this.#with;
    await gate.pass(signal);
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    try {
      const url = await links.linkFor(partNumber);
      const answer = await withStallDetection(
        (attemptSignal, moved) =>
          source.sendPart({
            url,
            ...schedule.range(partNumber),
            signal: attemptSignal,
            onProgress: (bytes) => {
              moved();
              this.#report(partNumber, bytes);
            },
          }),
        { clock, stallMs, signal: AbortSignal.any([signal, attempt.signal]) },
      );
      return await this.#judge(partNumber, answer, signal);
    } catch (error) {
      this.#progress.forget(partNumber);
      if (!(error instanceof InterruptedError)) this.#sample.failures += 1;
      if (error instanceof UnreachableError) await this.#explain(error, signal);
      throw error;
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  async #judge(partNumber: number, answer: PartAnswer, signal: AbortSignal): Promise<string> {
    const { api, uploadId, schedule, clock } = this.#with;
    if (answer.status === 200) {
      if (answer.etag) return answer.etag;
      throw new AnswerError("The storage hides the ETag header (CORS must expose it).", 200);
    }
    if (answer.status === 403) schedule.dropLink(partNumber);
    // NoSuchUpload: only the API knows whether it was completed, cancelled or never ours.
    if (answer.status === 404) await api.listParts(uploadId, { signal });
    throw new PartRefusedError(
      partNumber,
      answer.status,
      s3ErrorCode(answer.body),
      parseRetryAfter(answer.retryAfter, clock.now()),
    );
  }

  /** No answer came: is it the file, or the network of this machine? */
  async #explain(error: UnreachableError, signal: AbortSignal): Promise<void> {
    const { source, connectivity, clock, onTrouble } = this.#with;
    await source.verifyUnchanged();
    if (connectivity.isOnline()) return;
    onTrouble(error, true);
    // A machine without network still reaches itself, so that being offline is only believed after
    // a failure, and is asked again now and then.
    let stop = () => {};
    const changed = new Promise<void>((resolve) => {
      stop = connectivity.onChange(resolve);
    });
    const waited = new AbortController();
    try {
      await Promise.race([
        changed,
        delay(clock, offlineProbeMs, AbortSignal.any([signal, waited.signal])),
      ]);
    } finally {
      stop();
      waited.abort();
    }
    throw new InterruptedError("Offline.");
  }

  #report(partNumber: number, bytes: number): void {
    const newBytes = this.#progress.report(partNumber, bytes);
    if (newBytes === 0) return;
    this.#sample.bytes += newBytes;
    this.#with.onProgress(newBytes);
  }

  #observe(): void {
    const elapsedMs = this.#with.clock.now() - this.#sample.startedAt;
    if (elapsedMs < sampleMs) return;
    this.#governor.observe({ ...this.#sample, elapsedMs });
    this.#beginSample();
  }

  #beginSample(): void {
    this.#sample = { startedAt: this.#with.clock.now(), bytes: 0, failures: 0 };
  }
}

/** S3 answers 403 for an expired link, whatever else was wrong with it. */
function isRefusedLink(error: unknown): boolean {
  return error instanceof PartRefusedError && error.status === 403;
}
