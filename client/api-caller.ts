import { problemSchema } from "@sluice/contracts";
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

export interface Call<T> {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: z.ZodType<T> | undefined;
  /** True: anybody may ask, and no token is sent. */
  readonly isOpen?: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Sends calls, renews the token once when it is refused, tries again, and parses what comes back. */
export class ApiCaller {
  readonly #options: SluiceApiOptions;
  readonly #clock: Clock;

  constructor(options: SluiceApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async call<T>(call: Call<T>, options: CallOptions = {}): Promise<T> {
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
    const authorization = call.isOpen
      ? undefined
      : `Bearer ${await this.#options.token(renewToken)}`;
    const timeout = AbortSignal.timeout(this.#options.attemptTimeoutMs ?? 35_000);
    const headers: Record<string, string> = {
      accept: "application/json",
      ...(authorization && { authorization }),
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
