import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { AttributeMap } from "./attributes.ts";
import { batchError, fifoIsUnsupported, invalidParameter, resourceNotFound } from "./errors.ts";
import { checkMessage, MAX_MESSAGE_BYTES, type PublishInput, publishedBytes } from "./message.ts";
import { publish } from "./publisher.ts";
import type { AnswerValue } from "./query-protocol.ts";
import type { SnsRegistry } from "./registry.ts";
import type { ActionName, Request } from "./requests.ts";
import type { SnsStore } from "./store.ts";
import type { Subscription } from "./subscription.ts";
import type { Topic } from "./topic.ts";

interface Parts {
  readonly context: CloudContext;
  readonly store: SnsStore;
  readonly registry: SnsRegistry;
  /** Called when messages were taken. */
  flush(): void;
}

type Answer = { readonly [name: string]: AnswerValue } | undefined;
type PublishRequest = Request<"Publish">;

const PAGE_SIZE = 100;
const MAX_BATCH = 10;

/** One function per action: parsed request in, members of the answer out. */
export function snsActions(parts: Parts): {
  [Name in ActionName]: (input: Request<Name>) => Answer;
} {
  const { context, registry, flush } = parts;

  return {
    CreateTopic: ({ Name, Attributes = {}, Tags = [] }) => ({
      TopicArn: registry.createTopic(Name, Attributes, tagMap(Tags)).arn,
    }),
    DeleteTopic({ TopicArn }) {
      // Deleting one that is gone is no error, as on AWS.
      registry.deleteTopic(TopicArn);
      return undefined;
    },
    ListTopics: ({ NextToken }) =>
      page(registry.topics(), NextToken, "Topics", ({ arn }) => ({ TopicArn: arn })),
    GetTopicAttributes: ({ TopicArn }) => ({
      Attributes: topicAttributes(registry.topic(TopicArn), registry, context.accountId),
    }),
    SetTopicAttributes({ TopicArn, AttributeName, AttributeValue }) {
      registry.changeTopic(TopicArn, { attributes: { [AttributeName]: AttributeValue } });
      return undefined;
    },
    Subscribe: ({ TopicArn, Protocol, Endpoint, Attributes = {} }) => ({
      SubscriptionArn: registry.subscribe({
        topicArn: TopicArn,
        protocol: Protocol,
        endpoint: Endpoint,
        attributes: Attributes,
      }).arn,
    }),
    Unsubscribe({ SubscriptionArn }) {
      registry.unsubscribe(SubscriptionArn);
      return undefined;
    },
    ListSubscriptions: ({ NextToken }) => subscriptions(registry.subscriptions(), NextToken),
    ListSubscriptionsByTopic: ({ TopicArn, NextToken }) =>
      subscriptions(registry.subscriptions(registry.topic(TopicArn).arn), NextToken),
    GetSubscriptionAttributes: ({ SubscriptionArn }) => ({
      Attributes: subscriptionAttributes(registry.subscription(SubscriptionArn), context.accountId),
    }),
    SetSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue }) {
      registry.changeSubscription(SubscriptionArn, { [AttributeName]: AttributeValue });
      return undefined;
    },
    Publish({ TopicArn, TargetArn, PhoneNumber, ...message }) {
      if (PhoneNumber !== undefined) {
        throw invalidParameter("PhoneNumber Reason: this cloud sends no text messages.");
      }
      refuseFifo(message);
      const { arn } = registry.topic(TopicArn ?? TargetArn ?? "");
      const [published] = publish(parts, arn, [message]);
      flush();
      return { MessageId: published?.messageId };
    },
    PublishBatch({ TopicArn, PublishBatchRequestEntries: entries }) {
      const { arn } = registry.topic(TopicArn);
      checkBatch(entries);
      const good: typeof entries = [];
      const Failed: { readonly [name: string]: AnswerValue }[] = [];
      for (const entry of entries) {
        try {
          refuseFifo(entry);
          checkMessage(entry);
          good.push(entry);
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          const { code, message } = error;
          Failed.push({ Id: entry.Id, Code: code, Message: message, SenderFault: true });
        }
      }
      const published = publish(parts, arn, good);
      flush();
      const Successful = published.map(({ messageId }, index) => ({
        Id: good[index]?.Id,
        MessageId: messageId,
      }));
      return { Successful, Failed };
    },
    TagResource({ ResourceArn, Tags }) {
      const { arn, tags } = tagged(ResourceArn);
      registry.changeTopic(arn, { tags: { ...tags, ...tagMap(Tags) } });
      return {};
    },
    UntagResource({ ResourceArn, TagKeys }) {
      const { arn, tags } = tagged(ResourceArn);
      const left = Object.entries(tags).filter(([key]) => !TagKeys.includes(key));
      registry.changeTopic(arn, { tags: Object.fromEntries(left) });
      return {};
    },
    ListTagsForResource: ({ ResourceArn }) => ({
      Tags: Object.entries(tagged(ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  };

  function tagged(arn: string): Topic {
    const topic = registry.findTopic(arn);
    if (!topic) throw resourceNotFound();
    return topic;
  }

  function subscriptions(found: readonly Subscription[], NextToken: string | undefined): Answer {
    return page(found, NextToken, "Subscriptions", ({ arn, topicArn, protocol, endpoint }) => ({
      SubscriptionArn: arn,
      Owner: context.accountId,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    }));
  }
}

function topicAttributes(
  { arn, attributes }: Topic,
  registry: SnsRegistry,
  accountId: string,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      TopicArn: arn,
      Owner: accountId,
      DisplayName: "",
      Policy: JSON.stringify(defaultPolicy(arn, accountId)),
      SubscriptionsConfirmed: String(registry.subscriptions(arn).length),
      SubscriptionsPending: "0",
      SubscriptionsDeleted: "0",
      ...attributes,
    }),
  );
}

/** The owner may do everything, as on AWS. */
function defaultPolicy(arn: string, accountId: string) {
  return {
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "SNS:GetTopicAttributes",
          "SNS:SetTopicAttributes",
          "SNS:AddPermission",
          "SNS:RemovePermission",
          "SNS:DeleteTopic",
          "SNS:Subscribe",
          "SNS:ListSubscriptionsByTopic",
          "SNS:Publish",
        ],
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
      },
    ],
  };
}

function subscriptionAttributes(
  { arn, topicArn, protocol, endpoint, attributes, settings }: Subscription,
  accountId: string,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      SubscriptionArn: arn,
      TopicArn: topicArn,
      Protocol: protocol,
      Endpoint: endpoint,
      Owner: accountId,
      ConfirmationWasAuthenticated: "true",
      PendingConfirmation: "false",
      ...(settings.filter && { FilterPolicyScope: settings.filter.scope }),
      ...attributes,
      RawMessageDelivery: String(settings.rawDelivery),
    }),
  );
}

/** Pages by ARN: `NextToken` is the last one that was shown. */
function page<T extends { readonly arn: string }>(
  found: readonly T[],
  token: string | undefined,
  member: string,
  describe: (it: T) => AnswerValue,
): Answer {
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString();
  const left = found.filter((it) => it.arn > after);
  const shown = left.slice(0, PAGE_SIZE);
  const last = shown.at(-1);
  return {
    [member]: shown.map(describe),
    ...(last &&
      shown.length < left.length && { NextToken: Buffer.from(last.arn).toString("base64url") }),
  };
}

function checkBatch(entries: readonly ({ readonly Id: string } & PublishInput)[]): void {
  if (entries.length === 0) {
    throw batchError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  }
  if (entries.length > MAX_BATCH) {
    throw batchError(
      "TooManyEntriesInBatchRequest",
      `The batch request contains more entries than permissible (${MAX_BATCH}).`,
    );
  }
  if (new Set(entries.map((it) => it.Id)).size < entries.length) {
    throw batchError(
      "BatchEntryIdsNotDistinct",
      "Two or more batch entries in the request have the same Id.",
    );
  }
  if (entries.reduce((sum, it) => sum + publishedBytes(it), 0) > MAX_MESSAGE_BYTES) {
    throw batchError(
      "BatchRequestTooLong",
      "The length of all the batch messages put together is more than the limit.",
    );
  }
}

function refuseFifo({
  MessageGroupId,
  MessageDeduplicationId,
}: Pick<PublishRequest, "MessageGroupId" | "MessageDeduplicationId">): void {
  if (MessageGroupId !== undefined) throw fifoIsUnsupported("MessageGroupId");
  if (MessageDeduplicationId !== undefined) throw fifoIsUnsupported("MessageDeduplicationId");
}

function tagMap(tags: readonly { readonly Key: string; readonly Value: string }[]): AttributeMap {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
