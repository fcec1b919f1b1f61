import { randomUUID } from "node:crypto";
import type { CloudContext } from "../context.ts";
import { attributeLookup, bodyLookup } from "./filter-policy/lookup.ts";
import { matches } from "./filter-policy/match.ts";
import { checkMessage, type PublishedMessage, type PublishInput, textFor } from "./message.ts";
import type { SnsRegistry } from "./registry.ts";
import type { SnsStore } from "./store.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Takes messages: once it returns they are on disk, with a delivery for each subscription whose
 * filter policy lets them through.
 *
 * @throws AwsError InvalidParameter, ParameterValueInvalid
 */
export function publish(
  { context, store, registry }: { context: CloudContext; store: SnsStore; registry: SnsRegistry },
  topicArn: string,
  inputs: readonly PublishInput[],
): PublishedMessage[] {
  const now = context.clock.now();
  const messages = inputs.map((input) => ({
    messageId: randomUUID(),
    topicArn,
    publishedAt: now,
    ...checkMessage(input),
  }));
  const subscriptions = registry.subscriptions(topicArn);
  context.transaction(() => {
    for (const message of messages) {
      const takers = subscriptions.filter((it) => takes(it, message));
      if (takers.length > 0) store.addMessage(message);
      for (const { arn } of takers) store.addDelivery(message.messageId, arn, now);
    }
  });
  return messages;
}

function takes({ protocol, settings }: Subscription, message: PublishedMessage): boolean {
  if (!settings.filter) return true;
  const { scope, policy } = settings.filter;
  const lookup =
    scope === "MessageBody"
      ? bodyLookup(textFor(message, protocol))
      : attributeLookup(message.attributes);
  return lookup !== undefined && matches(policy, lookup);
}
