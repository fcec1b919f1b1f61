import pRetry from "p-retry";
import { type Clock, delay } from "./clock.ts";
import { AnswerError, PartRefusedError, ProblemError, UnreachableError } from "./errors.ts";

export interface RetryPolicy {
  /** How often to try again after the first attempt. */
  readonly retries: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** A Retry-After longer than this is not waited for: the error is handed up instead. */
  readonly maxRetryAfterMs: number;
}

/** About half a minute, so that a person sees an answer or an error. */
export const apiRetryPolicy: RetryPolicy = {
  retries: 6,
  minDelayMs: 250,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 30_000,
};

/** More than a minute without any network, and a few minutes of a struggling server. */
export const partRetryPolicy: RetryPolicy = {
  retries: 12,
  minDelayMs: 500,
  maxDelayMs: 10_000,
  maxRetryAfterMs: 60_000,
};

/** 408 and 425: RFC 9110 section 15.5.9, RFC 8470 section 5.2. The rest: try again later. */
const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether the same request may succeed when sent again. */
function isTransient(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  // S3 answers 400 RequestTimeout when a socket was idle in mid-body.
  if (error instanceof PartRefusedError && error.code === "RequestTimeout") return true;
  return hasStatus(error) && transientStatuses.has(error.status);
}

function hasStatus(error: unknown): error is ProblemError | AnswerError | PartRefusedError {
  return (
    error instanceof ProblemError ||
    error instanceof AnswerError ||
    error instanceof PartRefusedError
  );
}

export interface RetryHooks {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (error: Error, delayMs: number) => void;
}

/** Exponential backoff with jitter, a budget, an AbortSignal, and Retry-After where it is given. */
export function withRetry<T>(
  work: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  hooks: RetryHooks,
): Promise<T> {
  const { signal, clock, onRetry } = hooks;
  return pRetry(work, {
    retries: policy.retries,
    minTimeout: policy.minDelayMs,
    maxTimeout: policy.maxDelayMs,
    randomize: true,
    signal,
    async onFailedAttempt({ error, retryDelay, retriesLeft }) {
      if (retriesLeft === 0 || !isTransient(error)) return;
      const asked = hasStatus(error) ? (error.retryAfterMs ?? 0) : 0;
      if (asked > policy.maxRetryAfterMs) throw error;
      onRetry?.(error, Math.max(retryDelay, asked));
      if (asked > retryDelay) await delay(clock, asked - retryDelay, signal);
    },
    shouldRetry: ({ error }) => isTransient(error),
  });
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
export function parseRetryAfter(
  value: string | null | undefined,
  nowMs: number,
): number | undefined {
  if (!value) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
