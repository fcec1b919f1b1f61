import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import { isFinal, reasonOf } from "../delivery-failure.ts";
import type { SqsService } from "../sqs/index.ts";
import { type AsyncInvocation, type AsyncStore, openAsyncStore } from "./async-store.ts";
import type { Documents } from "./documents.ts";
import type { InvokeConfigProperties } from "./function-config.ts";
import type { CompletedInvocation } from "./function-pool.ts";
import type { Functions } from "./functions.ts";
import { MAX_ASYNC_PAYLOAD_BYTES } from "./limits.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_AFTER_MS = [60_000, 120_000] as const;
const MAX_AGE_SECONDS = 21_600;
/** Of one function, handed out at once; its own limits decide how many of them run. */
const WINDOW = 100;
/** After a failure of the cloud itself. */
const REST_MS = 60_000;

export interface AsyncParts {
  readonly context: CloudContext;
  readonly functions: Functions;
  readonly sqs: Pick<SqsService, "send">;
  readonly invokeConfigs: Documents<InvokeConfigProperties>;
}

/** Invocations that nobody waits for: kept on disk until they succeeded or were given up. */
export class AsyncInvocations {
  readonly #parts: AsyncParts;
  readonly #store: AsyncStore;
  /** By function, then by request. */
  readonly #running = new Map<string, Map<string, Promise<void>>>();
  readonly #stopping = new AbortController();
  #timer: { cancel(): void } | undefined;
  #started = false;

  constructor(parts: AsyncParts) {
    this.#parts = parts;
    this.#store = openAsyncStore(parts.context.database);
  }

  /** Durable once it returns. @throws AwsError ResourceNotFoundException, RequestEntityTooLargeException */
  add(reference: string, payload: Buffer): string {
    if (payload.length > MAX_ASYNC_PAYLOAD_BYTES) {
      throw new AwsError(
        "RequestEntityTooLargeException",
        `Request must be smaller than ${MAX_ASYNC_PAYLOAD_BYTES} bytes for an asynchronous invocation`,
        413,
      );
    }
    const requestId = randomUUID();
    const now = this.#parts.context.clock.now();
    const functionName = this.#parts.functions.find(reference).name;
    this.#store.add({ requestId, functionName, payload, receivedAt: now, dueAt: now });
    this.#pump();
    return requestId;
  }

  start(): void {
    this.#started = true;
    this.#pump();
  }

  /** Looks again at what is due: its times have moved. */
  rearm(): void {
    this.#pump();
  }

  /** What runs is left to the functions' own end, and begins again at the next start if cut short. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#stopping.abort();
    this.#timer?.cancel();
    await Promise.all([...this.#running.values()].flatMap((running) => [...running.values()]));
  }

  /** A queue for each function, as on AWS: what waits for one holds up no other. */
  #pump(): void {
    if (!this.#started) return;
    const { clock } = this.#parts.context;
    this.#timer?.cancel();
    const waits = this.#store.functions().map((name) => this.#pumpFunction(name));
    const wait = Math.min(...waits);
    if (Number.isFinite(wait)) this.#timer = clock.schedule(wait, () => this.#pump());
  }

  /** Answers milliseconds until another is due; infinite when the end of one that runs comes first. */
  #pumpFunction(name: string): number {
    const { clock } = this.#parts.context;
    const running = this.#running.get(name) ?? new Map<string, Promise<void>>();
    this.#running.set(name, running);
    for (const invocation of this.#store.next(name, running.size + WINDOW)) {
      const { requestId } = invocation;
      if (running.has(requestId)) continue;
      if (running.size >= WINDOW) return Number.POSITIVE_INFINITY;
      const left = invocation.dueAt - clock.now();
      if (left > 0) return left;
      const end = this.#run(invocation).finally(() => {
        running.delete(requestId);
        this.#pump();
      });
      running.set(requestId, end);
    }
    return Number.POSITIVE_INFINITY;
  }

  async #run(invocation: AsyncInvocation): Promise<void> {
    try {
      await this.#attempt(invocation);
    } catch (error) {
      // The disk is full, for example: it stands as it did, and runs once more.
      this.#log(
        invocation,
        "an asynchronous invocation could not be ended and is run again",
        error,
      );
      await this.#rest();
    }
  }

  async #attempt(invocation: AsyncInvocation): Promise<void> {
    const { context, functions } = this.#parts;
    const { requestId, functionName } = invocation;
    if (!functions.all().some(({ name }) => name === functionName)) {
      this.#store.delete(requestId);
      context.log("warn", "an asynchronous invocation was given up: its function is gone", {
        function: functionName,
        requestId,
      });
      return;
    }
    const reservation = await functions.reserve(functionName, this.#stopping.signal);
    if (!reservation) return;
    if (this.#isTooOld(invocation, context.clock.now())) {
      reservation.cancel();
      await this.#giveUp(invocation, "EventAgeExceeded", undefined);
      return;
    }
    const result = await reservation.run(invocation.payload, { requestId });
    if (result.interrupted) return;
    await (result.failed ? this.#failed(invocation, result) : this.#succeeded(invocation, result));
  }

  /** Holds the invocation back for a while, or until the end. */
  #rest(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { signal } = this.#stopping;
    if (signal.aborted) resolve();
    const timer = this.#parts.context.clock.schedule(REST_MS, resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => timer.cancel());
  }

  #log({ functionName, requestId }: AsyncInvocation, message: string, error: unknown): void {
    const facts = { function: functionName, requestId, error: reasonOf(error) };
    this.#parts.context.log("error", message, facts);
  }

  async #succeeded(invocation: AsyncInvocation, result: CompletedInvocation): Promise<void> {
    const destination = this.#configOf(invocation)?.DestinationConfig?.OnSuccess?.Destination;
    if (destination !== undefined) await this.#record(destination, invocation, result, "Success");
    this.#store.delete(invocation.requestId);
  }

  async #failed(invocation: AsyncInvocation, result: CompletedInvocation): Promise<void> {
    const { clock } = this.#parts.context;
    const failures = invocation.attempts + 1;
    const retries = this.#configOf(invocation)?.MaximumRetryAttempts ?? RETRY_AFTER_MS.length;
    const retryAt = clock.now() + (RETRY_AFTER_MS[failures - 1] ?? 0);
    const tooOld = this.#isTooOld(invocation, retryAt);
    if (failures <= retries && !tooOld) {
      return this.#store.retry(invocation.requestId, failures, retryAt);
    }
    await this.#giveUp(invocation, tooOld ? "EventAgeExceeded" : "RetriesExhausted", result);
  }

  #isTooOld(invocation: AsyncInvocation, at: number): boolean {
    const maxAge = this.#configOf(invocation)?.MaximumEventAgeInSeconds ?? MAX_AGE_SECONDS;
    return at - invocation.receivedAt > maxAge * 1000;
  }

  /** @param result of the last attempt; undefined when it waited too long for one */
  async #giveUp(
    invocation: AsyncInvocation,
    condition: "RetriesExhausted" | "EventAgeExceeded",
    result: CompletedInvocation | undefined,
  ): Promise<void> {
    const destination = this.#configOf(invocation)?.DestinationConfig?.OnFailure?.Destination;
    if (destination !== undefined) await this.#record(destination, invocation, result, condition);
    await this.#deadLetter(invocation, result);
    this.#store.delete(invocation.requestId);
  }

  /** The event as it was, with what went wrong in attributes. */
  async #deadLetter(
    invocation: AsyncInvocation,
    result: CompletedInvocation | undefined,
  ): Promise<void> {
    const { deadLetterArn } = this.#parts.functions.find(invocation.functionName);
    if (deadLetterArn === undefined) return;
    const message = result ? errorMessage(result) : "The event waited too long.";
    await this.#send(deadLetterArn, invocation, invocation.payload.toString("utf8"), {
      RequestID: { DataType: "String", StringValue: invocation.requestId },
      ErrorCode: { DataType: "Number", StringValue: "200" },
      ...(message !== "" && {
        ErrorMessage: { DataType: "String", StringValue: message.slice(0, 1024) },
      }),
    });
  }

  async #record(
    destination: string,
    invocation: AsyncInvocation,
    result: CompletedInvocation | undefined,
    condition: "Success" | "RetriesExhausted" | "EventAgeExceeded",
  ): Promise<void> {
    const { context, functions } = this.#parts;
    const record = {
      version: "1.0",
      timestamp: new Date(context.clock.now()).toISOString(),
      requestContext: {
        requestId: invocation.requestId,
        functionArn: `${functions.arnOf(invocation.functionName)}:$LATEST`,
        condition,
        approximateInvokeCount: invocation.attempts + (result ? 1 : 0),
      },
      requestPayload: parsed(invocation.payload),
      ...(result && {
        responseContext: {
          statusCode: 200,
          executedVersion: "$LATEST",
          ...(result.failed && { functionError: "Unhandled" }),
        },
        responsePayload: parsed(result.payload),
      }),
    };
    await this.#send(destination, invocation, JSON.stringify(record));
  }

  async #send(
    queueArn: string,
    invocation: AsyncInvocation,
    body: string,
    attributes?: Record<string, { DataType: string; StringValue: string }>,
  ): Promise<void> {
    try {
      await this.#parts.sqs.send(queueArn, { body, attributes });
    } catch (error) {
      if (!isFinal(error)) throw error;
      // As on AWS, where it is a metric (DeadLetterErrors): the function's own work is over.
      this.#log(
        invocation,
        `the record of an asynchronous invocation was refused by ${queueArn}`,
        error,
      );
    }
  }

  #configOf(invocation: AsyncInvocation): InvokeConfigProperties | undefined {
    return this.#parts.invokeConfigs.get(invocation.functionName);
  }
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return payload.toString("utf8");
  }
}

function errorMessage(result: CompletedInvocation): string {
  const error = parsed(result.payload);
  return typeof error === "object" && error !== null && "errorMessage" in error
    ? String(error.errorMessage)
    : "";
}
