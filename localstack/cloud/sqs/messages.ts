import { randomUUID } from "node:crypto";
import type { CloudContext } from "../context.ts";
import { type FaultDice, noFaults } from "./delivery-faults.ts";
import { batchError, invalidValue, notInFlight, overLimit, receiptIsInvalid } from "./errors.ts";
import { md5, md5OfAttributes, messageBytes } from "./message-digest.ts";
import type { MessageRow, MessageStore } from "./message-store.ts";
import type { Queue, QueueRegistry } from "./queue-registry.ts";
import { MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS } from "./queue-settings.ts";
import { Readiness } from "./readiness.ts";
import type { MessageAttributes } from "./requests.ts";

const MAX_IN_FLIGHT = 120_000;

export interface OutgoingMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes | undefined;
  readonly delaySeconds?: number | undefined;
}

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
  readonly deadLetterSource?: string;
}

export interface ReceiveOptions {
  readonly max: number;
  readonly visibilitySeconds?: number | undefined;
  /** A poller of this cloud: what it holds is released when the cloud starts again. */
  readonly byCloud?: boolean;
}

/** The rules of a standard queue: visibility, delay, retention, dead letters, at-least-once. */
export class Messages {
  readonly #context: CloudContext;
  readonly #store: MessageStore;
  readonly #queues: QueueRegistry;
  readonly readiness: Readiness;
  faults: FaultDice = noFaults;

  constructor(context: CloudContext, store: MessageStore, queues: QueueRegistry) {
    this.#context = context;
    this.#store = store;
    this.#queues = queues;
    this.readiness = new Readiness(context.clock, (queue) => store.nextVisibleAt(queue));
  }

  /** @throws AwsError InvalidParameterValue (too long), AWS.SimpleQueueService.BatchRequestTooLong */
  send(queue: Queue, outgoing: readonly OutgoingMessage[]): { messageId: string }[] {
    const sizes = outgoing.map((it) => messageBytes(it.body, it.attributes ?? {}));
    const { maximumMessageSize } = queue.settings;
    if (sizes.some((size) => size > maximumMessageSize)) {
      throw invalidValue(
        `One or more parameters are invalid. Reason: Message must be shorter than ${maximumMessageSize} bytes.`,
      );
    }
    if (sizes.reduce((sum, size) => sum + size, 0) > MAX_MESSAGE_BYTES) {
      throw batchError(
        "BatchRequestTooLong",
        `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes.`,
      );
    }
    const now = this.#context.clock.now();
    const sent = this.#context.transaction(() =>
      outgoing.map((it) => {
        const messageId = randomUUID();
        this.#store.insert({
          queue: queue.name,
          message_id: messageId,
          body: it.body,
          attributes: JSON.stringify(it.attributes ?? {}),
          sent_at: now,
          visible_at: now + (it.delaySeconds ?? queue.settings.delay) * 1000,
          dead_letter_source: null,
          is_copy: 0,
        });
        return { messageId };
      }),
    );
    this.readiness.changed(queue.name);
    return sent;
  }

  /** Takes what is visible now. @throws AwsError OverLimit */
  receive(queue: Queue, options: ReceiveOptions): ReceivedMessage[] {
    const touched = new Set<string>();
    const received = this.#context.transaction(() => {
      const now = this.#context.clock.now();
      this.expire(queue);
      const taken: ReceivedMessage[] = [];
      while (taken.length < options.max) {
        const wanted = options.max - taken.length;
        const candidates = this.#store.receivable(queue.name, now, wanted * this.faults.window);
        if (candidates.length === 0) break;
        if (this.#store.inFlight(queue.name, now) >= MAX_IN_FLIGHT) throw overLimit();
        for (const row of this.faults.pick(candidates, wanted)) {
          const deadLetters = this.#deadLettersFor(queue, row);
          if (deadLetters) {
            this.#store.moveToDeadLetter(row.id, deadLetters.name, now, queue.arn);
            touched.add(deadLetters.name);
          } else {
            taken.push(this.#hand(queue, row, now, options));
          }
        }
        if (options.visibilitySeconds === 0) break;
      }
      return taken;
    });
    for (const name of touched) this.readiness.changed(name);
    if (this.faults !== noFaults) this.readiness.changed(queue.name);
    return received;
  }

  /** Waits up to `waitSeconds` for the first message; empty when none came or `signal` aborted. */
  async receiveWithin(
    queue: Queue,
    options: ReceiveOptions,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<ReceivedMessage[]> {
    const deadline = this.#context.clock.monotonic() + waitSeconds * 1000;
    for (;;) {
      if (signal.aborted) return [];
      const received = this.receive(this.#queues.byName(queue.name), options);
      const left = deadline - this.#context.clock.monotonic();
      if (received.length > 0 || left <= 0) return received;
      await this.readiness.wait(queue.name, signal, left);
    }
  }

  /** A receipt that a later receive has replaced deletes nothing, and that is no error. */
  delete(queue: Queue, receiptHandle: string): void {
    const { row, current } = this.#find(queue, receiptHandle);
    if (row && current) this.#store.delete(row.id);
  }

  /** @throws AwsError AWS.SimpleQueueService.MessageNotInflight, ReceiptHandleIsInvalid */
  changeVisibility(queue: Queue, receiptHandle: string, seconds: number): void {
    const now = this.#context.clock.now();
    const { row, current } = this.#find(queue, receiptHandle);
    if (!row || !current || row.visible_at <= now) throw notInFlight();
    const until = now + seconds * 1000;
    const first = row.first_received_at ?? now;
    if (seconds > 0 && row.receive_count === 1 && until - first > MAX_VISIBILITY_SECONDS * 1000) {
      throw invalidValue(
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
      );
    }
    this.#store.setVisible(row.id, until);
    this.readiness.changed(queue.name);
  }

  /** Gives back what a poller of the cloud could not work on; the delivery does not count. */
  release(queue: Queue, receiptHandles: readonly string[]): void {
    const now = this.#context.clock.now();
    this.#context.transaction(() => {
      for (const handle of receiptHandles) {
        const { row, current } = this.#find(queue, handle);
        if (row && current && row.visible_at > now) this.#store.release(row.id, now);
      }
    });
    this.readiness.changed(queue.name);
  }

  /** Leaves failed messages to their visibility timeout, over a restart too. */
  abandon(queue: Queue, receiptHandles: readonly string[]): void {
    this.#context.transaction(() => {
      for (const handle of receiptHandles) {
        const { row, current } = this.#find(queue, handle);
        if (row && current) this.#store.abandon(row.id);
      }
    });
  }

  purge(queue: Queue): void {
    this.#store.purge(queue.name);
  }

  expire(queue: Queue): void {
    const before = this.#context.clock.now() - queue.settings.retention * 1000;
    this.#store.expire(queue.name, before);
  }

  /** Sends dead letters back to where they came from, or to `destination`. Answers how many. */
  moveBack(deadLetters: Queue, destination: Queue | undefined): number {
    const now = this.#context.clock.now();
    const touched = new Set<string>();
    const moved = this.#context.transaction(() => {
      this.expire(deadLetters);
      let count = 0;
      for (const row of this.#store.receivable(deadLetters.name, now, -1)) {
        const source = row.dead_letter_source?.split(":")[5] ?? "";
        const target = destination ?? this.#queues.find(source);
        if (!target) continue;
        this.#store.resend(row.id, target.name, randomUUID(), now);
        touched.add(target.name);
        count += 1;
      }
      return count;
    });
    for (const name of touched) this.readiness.changed(name);
    return moved;
  }

  #deadLettersFor(queue: Queue, row: MessageRow): Queue | undefined {
    const { redrive } = queue.settings;
    if (!redrive || row.receive_count < redrive.maxReceiveCount) return undefined;
    const target = this.#queues.find(redrive.deadLetterTargetArn.split(":")[5] ?? "");
    return target && allowsDeadLettersOf(target, queue) ? target : undefined;
  }

  #hand(queue: Queue, row: MessageRow, now: number, options: ReceiveOptions): ReceivedMessage {
    const nonce = randomUUID();
    const seconds = options.visibilitySeconds ?? queue.settings.visibilityTimeout;
    this.#store.receive(row.id, nonce, now + seconds * 1000, options.byCloud === true, now);
    const after = row.is_copy === 0 ? this.faults.duplicateAfter() : undefined;
    if (after !== undefined) {
      this.#store.insert({ ...this.#contentOf(row), visible_at: now + after, is_copy: 1 });
    }
    return {
      messageId: row.message_id,
      receiptHandle: Buffer.from(`${row.id}:${nonce}`).toString("base64url"),
      body: row.body,
      attributes: JSON.parse(row.attributes) as MessageAttributes,
      sentAt: row.sent_at,
      firstReceivedAt: row.first_received_at ?? now,
      receiveCount: row.receive_count + 1,
      ...(row.dead_letter_source !== null && { deadLetterSource: row.dead_letter_source }),
    };
  }

  #contentOf({ queue, message_id, body, attributes, sent_at, dead_letter_source }: MessageRow) {
    return { queue, message_id, body, attributes, sent_at, dead_letter_source };
  }

  #find(queue: Queue, receiptHandle: string): { row: MessageRow | undefined; current: boolean } {
    const parts = /^(\d{1,15}):([0-9a-f-]{36})$/.exec(
      Buffer.from(receiptHandle, "base64url").toString(),
    );
    if (!parts) throw receiptIsInvalid();
    const row = this.#store.byId(Number(parts[1]));
    if (!row || row.queue !== queue.name) return { row: undefined, current: false };
    return { row, current: row.receipt === parts[2] };
  }
}

/** RedriveAllowPolicy of the dead-letter queue: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
function allowsDeadLettersOf(target: Queue, source: Queue): boolean {
  const policy = target.settings.redriveAllow;
  if (!policy || policy.redrivePermission === "allowAll") return true;
  if (policy.redrivePermission === "denyAll") return false;
  return policy.sourceQueueArns?.includes(source.arn) ?? false;
}

/** What `MD5OfMessageBody` and `MD5OfMessageAttributes` say. */
export function digests(body: string, attributes: MessageAttributes) {
  const ofAttributes = md5OfAttributes(attributes);
  return { body: md5(body), ...(ofAttributes !== undefined && { attributes: ofAttributes }) };
}
