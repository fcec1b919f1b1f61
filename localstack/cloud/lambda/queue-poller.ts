import type { CloudContext } from "../context.ts";
import type { QueueConsumer, ReceivedMessage } from "../sqs/index.ts";
import { batchEvent, fitting, judgeBatch } from "./batch.ts";
import type { MappingConfig } from "./function-config.ts";
import type { Reservation } from "./function-pool.ts";
import type { Functions } from "./functions.ts";
import { SCALING_INTERVAL_MS, Scaling } from "./scaling.ts";

const RETRY_MS = 1000;

export interface PollerParts {
  readonly context: CloudContext;
  readonly sqs: QueueConsumer;
  readonly functions: Functions;
}

/** Takes batches from one queue to one function, many at once. */
export class QueuePoller {
  readonly #parts: PollerParts;
  readonly #mapping: MappingConfig;
  readonly #scaling: Scaling;
  readonly #stopping = new AbortController();
  readonly #batches = new Set<Promise<void>>();
  #batchEnded = Promise.withResolvers<void>();
  #saturatedAt: number | undefined;
  #lastComplaint: string | undefined;
  #loop: Promise<void> | undefined;

  constructor(mapping: MappingConfig, parts: PollerParts) {
    this.#mapping = mapping;
    this.#parts = parts;
    this.#scaling = new Scaling(mapping.maximumConcurrency);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Takes no more messages; resolves when the batches in work are settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#batches);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#next(signal);
      } catch (error) {
        // The queue or the function is gone, or 120,000 messages are in flight.
        this.#complain(error instanceof Error ? error.message : String(error));
        await this.#pause(RETRY_MS, signal);
      }
    }
  }

  /** Once per reason, not once per second. */
  #complain(reason: string): void {
    if (reason === this.#lastComplaint) return;
    this.#lastComplaint = reason;
    const { id, queueArn } = this.#mapping;
    this.#parts.context.log("warn", "an event source mapping cannot poll", {
      mapping: id,
      queue: queueArn,
      error: reason,
    });
  }

  /** One batch, from the wait for a message to the start of its invocation. */
  async #next(signal: AbortSignal): Promise<void> {
    const { sqs, functions } = this.#parts;
    const { queueArn, functionName } = this.#mapping;
    if (this.#batches.size === 0) {
      this.#scaling.reset();
      this.#saturatedAt = undefined;
    }
    await sqs.readable(queueArn, signal);
    if (signal.aborted) return;
    if (this.#batches.size >= this.#scaling.limit) return this.#saturated();
    const reservation = await functions.reserve(functionName, signal);
    if (!reservation) return;
    let messages: ReceivedMessage[] = [];
    try {
      messages = await this.#gather(signal);
    } finally {
      if (messages.length === 0) reservation.cancel();
    }
    if (messages.length === 0) return;
    if (signal.aborted) {
      reservation.cancel();
      return sqs.release(queueArn, receipts(messages));
    }
    const batch = this.#process(messages, reservation).finally(() => {
      this.#batches.delete(batch);
      this.#batchEnded.resolve();
      this.#batchEnded = Promise.withResolvers();
    });
    this.#batches.add(batch);
  }

  /** There is more to do than may run: the limit grows with time, or a batch ends before. */
  async #saturated(): Promise<void> {
    const now = this.#parts.context.clock.monotonic();
    this.#saturatedAt ??= now;
    const left = this.#saturatedAt + SCALING_INTERVAL_MS - now;
    if (left <= 0) {
      this.#saturatedAt = now;
      return this.#scaling.grow();
    }
    const ended = new AbortController();
    void this.#batchEnded.promise.then(() => ended.abort());
    await this.#pause(left, AbortSignal.any([this.#stopping.signal, ended.signal]));
  }

  /** Up to a batch, for at most the window; what one invocation cannot carry goes back. */
  async #gather(signal: AbortSignal): Promise<ReceivedMessage[]> {
    const { sqs, context } = this.#parts;
    const { queueArn, batchSize, windowSeconds } = this.#mapping;
    const until = context.clock.monotonic() + windowSeconds * 1000;
    const messages = sqs.receive(queueArn, batchSize);
    while (messages.length > 0 && messages.length < batchSize && !signal.aborted) {
      const left = until - context.clock.monotonic();
      if (left <= 0 || fitting(messages, queueArn) < messages.length) break;
      await sqs.readable(queueArn, signal, left);
      messages.push(...sqs.receive(queueArn, batchSize - messages.length));
    }
    const carried = fitting(messages, queueArn);
    if (carried < messages.length) sqs.release(queueArn, receipts(messages.splice(carried)));
    return messages;
  }

  async #process(messages: readonly ReceivedMessage[], reservation: Reservation): Promise<void> {
    const { sqs, context } = this.#parts;
    const { queueArn, reportsItemFailures } = this.#mapping;
    try {
      const payload = Buffer.from(JSON.stringify(batchEvent(messages, queueArn)));
      const result = await reservation.run(payload);
      if (result.interrupted) return sqs.release(queueArn, receipts(messages));
      const { succeeded, failed } = judgeBatch(messages, result, reportsItemFailures);
      if (succeeded.length > 0) sqs.acknowledge(queueArn, receipts(succeeded));
      if (failed.length > 0) this.#giveBack(failed);
    } catch (error) {
      // Deleted while in work: the visibility timeout brings the messages back if the queue still is.
      context.log("warn", "a batch could not be settled", {
        mapping: this.#mapping.id,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** What fails while the cloud stops fails because of it: calls of the function were refused. */
  #giveBack(failed: readonly ReceivedMessage[]): void {
    const { sqs } = this.#parts;
    const { queueArn } = this.#mapping;
    if (this.#stopping.signal.aborted) sqs.release(queueArn, receipts(failed));
    else sqs.abandon(queueArn, receipts(failed));
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        timer.cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.#parts.context.clock.schedule(ms, done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}

const receipts = (messages: readonly ReceivedMessage[]) =>
  messages.map((message) => message.receiptHandle);
