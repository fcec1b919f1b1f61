import type { CloudContext } from "../context.ts";
import type { AwsService, QueueSender } from "../service.ts";
import { sqsActions } from "./actions.ts";
import { type DeliveryFaults, faultDice, noFaults } from "./delivery-faults.ts";
import { handleSqs } from "./http-api.ts";
import { openMessageStore } from "./message-store.ts";
import { Messages, type OutgoingMessage, type ReceivedMessage } from "./messages.ts";
import { QueueRegistry } from "./queue-registry.ts";
import { queuePolicyProvider, queueProvider } from "./resources.ts";

export { systemAttributes } from "./actions.ts";
export { type DeliveryFaults, faultDice, noFaults } from "./delivery-faults.ts";
export { messageBytes } from "./message-digest.ts";
export { digests, type OutgoingMessage, type ReceivedMessage } from "./messages.ts";
export type { MessageAttributes } from "./requests.ts";

/** What pollers inside this process need of SQS. Every call throws NonExistentQueue. */
export interface QueueConsumer {
  /** Seconds. */
  visibilityTimeout(queueArn: string): number;
  /** Resolves when a message may be received, when `waitMs` have passed or `signal` aborts. */
  readable(queueArn: string, signal: AbortSignal, waitMs?: number): Promise<void>;
  /** Takes up to `max` messages that are visible now. @throws AwsError OverLimit */
  receive(queueArn: string, max: number): ReceivedMessage[];
  /** Deletes what was processed. */
  acknowledge(queueArn: string, receiptHandles: readonly string[]): void;
  /** Leaves failed messages to their visibility timeout. */
  abandon(queueArn: string, receiptHandles: readonly string[]): void;
  /** Makes messages visible again at once; the delivery does not count. */
  release(queueArn: string, receiptHandles: readonly string[]): void;
}

export interface SqsService extends AwsService, QueueSender, QueueConsumer {
  /** Like `sendMessage`, with attributes. */
  send(queueArn: string, message: OutgoingMessage): Promise<void>;
  /** From now on deliveries are duplicated and reordered; `undefined` ends it. */
  injectFaults(faults: DeliveryFaults | undefined): void;
}

export interface SqsOptions {
  readonly faults?: DeliveryFaults | undefined;
}

/** Standard queues of Amazon SQS, their state in the tables `sqs_*`. */
export function createSqsService(context: CloudContext, options: SqsOptions = {}): SqsService {
  const store = openMessageStore(context.database);
  const queues = new QueueRegistry(context, store);
  const messages = new Messages(context, store, queues);
  const actions = sqsActions({ context, store, queues, messages });
  const injectFaults = (faults: DeliveryFaults | undefined) => {
    messages.faults = faults ? faultDice(faults) : noFaults;
  };
  injectFaults(options.faults);

  // Nobody is left of the process that held them (AWS would wait for the visibility timeout).
  const released = store.releaseHeld(context.clock.now());
  if (released > 0) context.log("info", "released messages of the last run", { released });
  for (const queue of queues.all()) messages.expire(queue);

  const send = async (queueArn: string, message: OutgoingMessage) => {
    messages.send(queues.byArn(queueArn), [message]);
  };

  return {
    signingName: "sqs",
    resourceProviders: [queueProvider(queues), queuePolicyProvider(queues)],
    timedRows: [{ table: "sqs_messages", columns: ["sent_at", "visible_at", "first_received_at"] }],
    rearm() {
      for (const { name } of queues.all()) messages.readiness.changed(name);
    },
    handle: (exchange) => handleSqs(exchange, actions),
    start: async () => {},
    stop: async () => {},
    injectFaults,
    send,
    sendMessage: (queueArn, body) => send(queueArn, { body }),
    visibilityTimeout: (arn) => queues.byArn(arn).settings.visibilityTimeout,
    readable: (arn, signal, waitMs) =>
      messages.readiness.wait(queues.byArn(arn).name, signal, waitMs),
    receive: (arn, max) => messages.receive(queues.byArn(arn), { max, byCloud: true }),
    acknowledge(arn, handles) {
      const queue = queues.byArn(arn);
      context.transaction(() => {
        for (const handle of handles) messages.delete(queue, handle);
      });
    },
    abandon: (arn, handles) => messages.abandon(queues.byArn(arn), handles),
    release: (arn, handles) => messages.release(queues.byArn(arn), handles),
  };
}
