import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import { isFinal, reasonOf } from "../delivery-failure.ts";
import { createOutbox, type Outbox } from "../outbox.ts";
import { type DeliveryFaults, faultDice, noFaults, type OutgoingMessage } from "../sqs/index.ts";
import { functionEvent, queueMessage } from "./envelope.ts";
import type { SnsRegistry } from "./registry.ts";
import { retryAfterMs } from "./retry-policy.ts";
import type { Delivery, SnsStore } from "./store.ts";
import type { Subscription } from "./subscription.ts";

/** SQS takes this many attributes, so a raw message with more cannot be delivered. */
const MAX_QUEUE_ATTRIBUTES = 10;

/** Where messages go. */
export interface DeliveryTargets {
  readonly queues: { send(queueArn: string, message: OutgoingMessage): Promise<void> };
  readonly functions: { invokeAsync(functionArn: string, payload: Uint8Array): Promise<void> };
}

export interface Deliveries extends Outbox {
  /** From now on messages are delivered twice and out of order; `undefined` ends it. */
  injectFaults(faults: DeliveryFaults | undefined): void;
}

/**
 * Delivers at least once: a delivery is deleted when its target has taken the message, so a crash
 * between the two delivers it again at the next start.
 */
export function createDeliveries(
  context: CloudContext,
  store: SnsStore,
  registry: SnsRegistry,
  { queues, functions }: DeliveryTargets,
): Deliveries {
  const { clock, log } = context;
  let faults = noFaults;

  async function deliver(delivery: Delivery): Promise<void> {
    const subscription = registry.findSubscription(delivery.subscriptionArn);
    if (!subscription) {
      // Unsubscribed since the page was read.
      context.transaction(() => store.deleteDelivery(delivery));
      return;
    }
    try {
      await send(delivery, subscription);
    } catch (error) {
      await failed(delivery, subscription, error);
      return;
    }
    const again = delivery.isCopy ? undefined : faults.duplicateAfter();
    context.transaction(() => {
      if (again !== undefined) {
        store.addDelivery(delivery.message.messageId, subscription.arn, clock.now() + again, true);
      }
      store.deleteDelivery(delivery);
    });
  }

  async function send({ message }: Delivery, subscription: Subscription): Promise<void> {
    if (subscription.protocol === "lambda") {
      const event = functionEvent(message, subscription, context.endpoint());
      return functions.invokeAsync(subscription.endpoint, Buffer.from(event));
    }
    const outgoing = queueMessage(message, subscription, context.endpoint());
    if (Object.keys(outgoing.attributes ?? {}).length > MAX_QUEUE_ATTRIBUTES) {
      throw new AwsError(
        "InvalidParameterValue",
        `Number of message attributes exceeds the allowed maximum [${MAX_QUEUE_ATTRIBUTES}].`,
      );
    }
    return queues.send(subscription.endpoint, outgoing);
  }

  /** What cannot be delivered is dropped or a dead letter (https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html). */
  async function failed(delivery: Delivery, subscription: Subscription, error: unknown) {
    const failures = delivery.failures + 1;
    const wait = isFinal(error) ? undefined : retryAfterMs(failures);
    const facts = {
      subscription: subscription.arn,
      messageId: delivery.message.messageId,
      reason: reasonOf(error),
    };
    if (wait !== undefined) {
      store.postpone(delivery.id, failures, clock.now() + wait);
      log("warn", "An SNS message could not be delivered and is tried again", facts);
      return;
    }
    const deadLetters = subscription.settings.deadLetterArn;
    if (deadLetters === undefined) {
      log("error", "An SNS message is dropped: it could not be delivered", facts);
    } else {
      await bury(delivery, subscription, deadLetters, error);
      log("warn", "An SNS message could not be delivered and is a dead letter", facts);
    }
    context.transaction(() => store.deleteDelivery(delivery));
  }

  /** The message as a queue would get it, with what went wrong in attributes. */
  async function bury(
    { message }: Delivery,
    subscription: Subscription,
    deadLetters: string,
    error: unknown,
  ): Promise<void> {
    const { body, attributes } = queueMessage(message, subscription, context.endpoint());
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    try {
      await queues.send(deadLetters, {
        body,
        attributes: {
          ...attributes,
          RequestID: text(randomUUID()),
          ErrorCode: text(error instanceof AwsError ? error.code : "InternalError"),
          ErrorMessage: text(reasonOf(error).slice(0, 1024) || "unknown"),
        },
      });
    } catch (refusal) {
      if (!isFinal(refusal)) throw refusal;
      // As on AWS, where it is a metric (NumberOfNotificationsFailedToRedriveToDlq).
      log("error", "An SNS message is dropped: its dead-letter queue refused it", {
        subscription: subscription.arn,
        messageId: message.messageId,
        reason: reasonOf(refusal),
      });
    }
  }

  return {
    injectFaults(wanted) {
      faults = wanted ? faultDice(wanted) : noFaults;
    },
    ...createOutbox<Delivery>({
      clock,
      log,
      what: "SNS messages",
      due(now, limit) {
        const deliveries = store.due(now, limit);
        return faults.pick(deliveries, deliveries.length);
      },
      nextDueAt: store.nextDueAt,
      send: deliver,
    }),
  };
}
