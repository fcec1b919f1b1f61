import type { CloudContext } from "../context.ts";
import { isFinal, reasonOf } from "../delivery-failure.ts";
import { createOutbox, type Outbox } from "../outbox.ts";
import type { OutgoingMessage } from "../sqs/index.ts";
import type { Delivery, EventsStore } from "./store.ts";

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const MAX_RETRIES = 185;
const MAX_AGE_SECONDS = 86_400;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;

/** Where events go. */
export interface EventTargets {
  readonly queues: { send(queueArn: string, message: OutgoingMessage): Promise<void> };
  readonly functions: { invokeAsync(functionArn: string, payload: Uint8Array): Promise<void> };
}

/**
 * Sends events at least once: a delivery is deleted when its target has taken the event, so a crash
 * between the two sends it again at the next start.
 */
export function createEventDeliveries(
  context: CloudContext,
  store: EventsStore,
  { queues, functions }: EventTargets,
): Outbox {
  const { clock, log } = context;

  async function deliver(delivery: Delivery): Promise<void> {
    const { target, payload } = delivery;
    try {
      if (target.Arn.split(":")[2] === "lambda") {
        await functions.invokeAsync(target.Arn, Buffer.from(payload));
      } else {
        await queues.send(target.Arn, { body: payload });
      }
    } catch (error) {
      await failed(delivery, error);
      return;
    }
    store.deleteDelivery(delivery.id);
  }

  async function failed(delivery: Delivery, error: unknown): Promise<void> {
    const { target, ruleArn } = delivery;
    const failures = delivery.failures + 1;
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** delivery.failures);
    // Jitter, so that events refused together are not tried again together.
    const retryAt = Math.ceil(clock.now() + wait * (0.5 + Math.random() / 2));
    const exhausted = exhaustion(delivery, failures, retryAt);
    const facts = { rule: ruleArn, target: target.Arn, reason: reasonOf(error) };
    if (!isFinal(error) && exhausted === undefined) {
      store.postpone(delivery.id, failures, retryAt);
      log("warn", "An event could not be delivered and is tried again", facts);
      return;
    }
    if (target.DeadLetterConfig?.Arn === undefined) {
      log("error", "An event is dropped: it could not be delivered", facts);
    } else {
      await bury(delivery, target.DeadLetterConfig.Arn, error, exhausted);
      log("warn", "An event could not be delivered and is a dead letter", facts);
    }
    store.deleteDelivery(delivery.id);
  }

  /** The event as it was, with what went wrong in attributes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html). */
  async function bury(
    { ruleArn, target, payload, failures }: Delivery,
    deadLetters: string,
    error: unknown,
    exhausted: string | undefined,
  ): Promise<void> {
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    try {
      await queues.send(deadLetters, {
        body: payload,
        attributes: {
          RULE_ARN: text(ruleArn),
          TARGET_ARN: text(target.Arn),
          ERROR_CODE: text(errorCode(error)),
          ERROR_MESSAGE: text(reasonOf(error).slice(0, 1024) || "unknown"),
          RETRY_ATTEMPTS: { DataType: "Number", StringValue: String(failures) },
          ...(!isFinal(error) &&
            exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: text(exhausted) }),
        },
      });
    } catch (refusal) {
      if (!isFinal(refusal)) throw refusal;
      // As on AWS, where it is a metric (InvocationsFailedToBeSentToDlq).
      log("error", "An event is dropped: its dead-letter queue refused it", {
        rule: ruleArn,
        target: target.Arn,
        reason: reasonOf(refusal),
      });
    }
  }

  return createOutbox<Delivery>({
    clock,
    log,
    what: "Scheduled events",
    due: store.due,
    nextDueAt: store.nextDueAt,
    send: deliver,
  });
}

/** Which limit of the target's retry policy another attempt would break. */
function exhaustion(
  { target, createdAt }: Delivery,
  failures: number,
  retryAt: number,
): string | undefined {
  const {
    MaximumRetryAttempts: retries = MAX_RETRIES,
    MaximumEventAgeInSeconds: age = MAX_AGE_SECONDS,
  } = target.RetryPolicy ?? {};
  if (failures > retries) return "MaximumRetryAttempts";
  return retryAt - createdAt > age * 1000 ? "MaximumEventAgeInSeconds" : undefined;
}

function errorCode(error: unknown): string {
  if (!isFinal(error)) return "INTERNAL_ERROR";
  return /NonExistentQueue|ResourceNotFound/.test(error.code) ? "NO_RESOURCE" : "SDK_CLIENT_ERROR";
}
