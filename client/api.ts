import {
  type CompleteUploadRequest,
  type CompleteUploadResponse,
  type CreateUploadRequest,
  completeUploadResponseSchema,
  type ListPartsResponse,
  type ListVideosResponse,
  listPartsResponseSchema,
  listVideosResponseSchema,
  type Playback,
  playbackSchema,
  problemSchema,
  type SignPartsRequest,
  type SignPartsResponse,
  type StreamUpload,
  signPartsResponseSchema,
  streamUploadSchema,
  type Upload,
  uploadSchema,
  type Video,
  videoSchema,
} from "@sluice/contracts";
import type { z } from "zod";
import { type Clock, systemClock } from "./clock.ts";
import { AnswerError, ProblemError, UnreachableError } from "./errors.ts";
import { apiRetryPolicy, parseRetryAfter, type RetryPolicy, withRetry } from "./retry.ts";

/** `renew` is true after the API refused the token that was given before. */
export type TokenSource = (renew: boolean) => Promise<string>;

export interface SluiceApiOptions {
  /** Address or path that `/uploads` is appended to, for example `http://127.0.0.1:8080/api` or `/api`. */
  readonly baseUrl: string;
  readonly token: TokenSource;
  readonly fetch?: typeof fetch;
  readonly retry?: RetryPolicy;
  readonly clock?: Clock;
  /** An attempt without an answer for this long is given up. API Gateway itself gives up after 29 s. */
  readonly attemptTimeoutMs?: number;
}

interface Call<T> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: z.ZodType<T> | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sluice's HTTP API. Every call is idempotent (create by its Idempotency-Key), so each is retried.
 * Errors: `ProblemError` (the API refused), `AnswerError` (not our API), `UnreachableError`.
 */
export class SluiceApi {
  readonly #options: SluiceApiOptions;
  readonly #clock: Clock;

  constructor(options: SluiceApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  createUpload(
    request: CreateUploadRequest & { readonly size: number },
    idempotencyKey: string,
    options?: CallOptions,
  ): Promise<Upload> {
    return this.#call(
      {
        method: "POST",
        path: "/uploads",
        body: request,
        headers: { "idempotency-key": idempotencyKey },
        answer: uploadSchema,
      },
      options,
    );
  }

  /** For a file whose size is known at its end only. */
  createStreamUpload(
    request: Omit<CreateUploadRequest, "size">,
    idempotencyKey: string,
    options?: CallOptions,
  ): Promise<StreamUpload> {
    return this.#call(
      {
        method: "POST",
        path: "/uploads",
        body: request,
        headers: { "idempotency-key": idempotencyKey },
        answer: streamUploadSchema,
      },
      options,
    );
  }

  signParts(
    uploadId: string,
    request: SignPartsRequest,
    options?: CallOptions,
  ): Promise<SignPartsResponse> {
    return this.#call(
      {
        method: "POST",
        path: `/uploads/${encodeURIComponent(uploadId)}/parts/sign`,
        body: request,
        answer: signPartsResponseSchema,
      },
      options,
    );
  }

  /** Reads every page: at most ten, since a page holds a thousand parts. */
  async listParts(uploadId: string, options?: CallOptions): Promise<ListPartsResponse["parts"]> {
    const parts: ListPartsResponse["parts"] = [];
    let after: number | undefined;
    do {
      const page: ListPartsResponse = await this.#call(
        {
          method: "GET",
          path: `/uploads/${encodeURIComponent(uploadId)}/parts${after === undefined ? "" : `?after=${after}`}`,
          answer: listPartsResponseSchema,
        },
        options,
      );
      parts.push(...page.parts);
      if (page.nextAfter !== undefined && page.nextAfter <= (after ?? 0)) {
        throw new AnswerError("The list of parts does not advance.", 200);
      }
      after = page.nextAfter;
    } while (after !== undefined);
    return parts;
  }

  completeUpload(
    uploadId: string,
    request: CompleteUploadRequest,
    options?: CallOptions,
  ): Promise<CompleteUploadResponse> {
    return this.#call(
      {
        method: "POST",
        path: `/uploads/${encodeURIComponent(uploadId)}/complete`,
        body: request,
        answer: completeUploadResponseSchema,
      },
      options,
    );
  }

  async abortUpload(uploadId: string, options?: CallOptions): Promise<void> {
    await this.#call(
      { method: "DELETE", path: `/uploads/${encodeURIComponent(uploadId)}`, answer: undefined },
      options,
    );
  }

  listVideos(
    query: { readonly limit?: number; readonly cursor?: string } = {},
    options?: CallOptions,
  ): Promise<ListVideosResponse> {
    const search = new URLSearchParams();
    if (query.limit !== undefined) search.set("limit", String(query.limit));
    if (query.cursor !== undefined) search.set("cursor", query.cursor);
    const suffix = search.size > 0 ? `?${search}` : "";
    return this.#call(
      { method: "GET", path: `/videos${suffix}`, answer: listVideosResponseSchema },
      options,
    );
  }

  getVideo(videoId: string, options?: CallOptions): Promise<Video> {
    return this.#call(
      { method: "GET", path: `/videos/${encodeURIComponent(videoId)}`, answer: videoSchema },
      options,
    );
  }

  async deleteVideo(videoId: string, options?: CallOptions): Promise<void> {
    await this.#call(
      { method: "DELETE", path: `/videos/${encodeURIComponent(videoId)}`, answer: undefined },
      options,
    );
  }

  /** The answer sets the cookies for the playlist; call again before `expiresAt`. */
  startPlayback(videoId: string, options?: CallOptions): Promise<Playback> {
    return this.#call(
      {
        method: "POST",
        path: `/videos/${encodeURIComponent(videoId)}/playback`,
        answer: playbackSchema,
      },
      options,
    );
  }

  async #call<T>(call: Call<T>, options: CallOptions = {}): Promise<T> {
    let renewed = false;
    const attempt = async () => {
      const answer = await this.#send(call, options.signal, false);
      if (!isRefusedToken(answer.error) || renewed) return answer;
      renewed = true;
      return this.#send(call, options.signal, true);
    };
    return withRetry(
      async () => {
        const answer = await attempt();
        if (answer.error) throw answer.error;
        return answer.value;
      },
      this.#options.retry ?? apiRetryPolicy,
      { clock: this.#clock, signal: options.signal },
    );
  }

  async #send<T>(
    call: Call<T>,
    signal: AbortSignal | undefined,
    renewToken: boolean,
  ): Promise<{ error: Error } | { error?: undefined; value: T }> {
    const token = await this.#options.token(renewToken);
    const timeout = AbortSignal.timeout(this.#options.attemptTimeoutMs ?? 35_000);
    const headers: Record<string, string> = {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      ...call.headers,
    };
    if (call.body !== undefined) headers["content-type"] = "application/json";
    const request = this.#options.fetch ?? fetch;
    let status: number;
    let text: string;
    let retryAfterMs: number | undefined;
    try {
      const response = await request(`${this.#options.baseUrl}${call.path}`, {
        method: call.method,
        headers,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      });
      status = response.status;
      retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), this.#clock.now());
      text = await response.text();
    } catch (error) {
      signal?.throwIfAborted();
      return { error: new UnreachableError("The server cannot be reached.", { cause: error }) };
    }
    if (status >= 200 && status < 300) return parseAnswer(call, status, text);
    const problem = problemSchema.safeParse(parseJson(text));
    if (problem.success) return { error: new ProblemError(problem.data, retryAfterMs) };
    return {
      error: new AnswerError(
        `The server answered ${call.method} ${call.path} with ${status} and no explanation.`,
        status,
        retryAfterMs,
      ),
    };
  }
}

function isRefusedToken(error: Error | undefined): boolean {
  return (error instanceof ProblemError || error instanceof AnswerError) && error.status === 401;
}

function parseAnswer<T>(
  call: Call<T>,
  status: number,
  text: string,
): { error: Error } | { error?: undefined; value: T } {
  // A call without an answer schema answers nothing that anybody reads.
  if (!call.answer) return { value: undefined as T };
  const parsed = call.answer.safeParse(parseJson(text));
  if (parsed.success) return { value: parsed.data };
  const where = parsed.error.issues.map((issue) => issue.path.join(".") || "body").join(", ");
  return {
    error: new AnswerError(
      `The answer to ${call.method} ${call.path} is not what the contract says (${where}).`,
      status,
    ),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
