import { z } from "zod";

/** Parameters of the Query protocol, all of them texts: https://docs.aws.amazon.com/sns/latest/api/API_Operations.html */
const map = z.preprocess(emptied({}), z.record(z.string(), z.string()));
const list = <T extends z.ZodType>(item: T) => z.preprocess(emptied([]), z.array(item));
const tags = list(
  z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }),
).refine((it) => it.length <= 50, "a topic has at most 50 tags");
const paging = { NextToken: z.string().optional() };
const topic = { TopicArn: z.string() };
const subscription = { SubscriptionArn: z.string() };
const change = { AttributeName: z.string(), AttributeValue: z.string().default("") };

const messageAttribute = z.strictObject({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.base64().optional(),
});

const message = {
  Message: z.string(),
  Subject: z.string().optional(),
  MessageStructure: z.string().optional(),
  MessageAttributes: z.preprocess(emptied({}), z.record(z.string(), messageAttribute)).optional(),
  // Known, so that they are refused in words of their own.
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
};

/** Entries are checked one by one: one bad entry does not fail the others. */
const batchEntry = z.strictObject({
  Id: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
  ...message,
});

export const requests = {
  CreateTopic: z.strictObject({
    Name: z.string(),
    Attributes: map.optional(),
    Tags: tags.optional(),
  }),
  DeleteTopic: z.strictObject(topic),
  ListTopics: z.strictObject(paging),
  GetTopicAttributes: z.strictObject(topic),
  SetTopicAttributes: z.strictObject({ ...topic, ...change }),
  Subscribe: z.strictObject({
    ...topic,
    Protocol: z.string(),
    Endpoint: z.string().default(""),
    Attributes: map.optional(),
    // Nothing here waits for a confirmation, so the ARN is always there.
    ReturnSubscriptionArn: z.enum(["true", "false"]).optional(),
  }),
  Unsubscribe: z.strictObject(subscription),
  ListSubscriptions: z.strictObject(paging),
  ListSubscriptionsByTopic: z.strictObject({ ...topic, ...paging }),
  GetSubscriptionAttributes: z.strictObject(subscription),
  SetSubscriptionAttributes: z.strictObject({ ...subscription, ...change }),
  Publish: z.strictObject({
    TopicArn: z.string().optional(),
    TargetArn: z.string().optional(),
    PhoneNumber: z.string().optional(),
    ...message,
  }),
  PublishBatch: z.strictObject({ ...topic, PublishBatchRequestEntries: list(batchEntry) }),
  TagResource: z.strictObject({ ResourceArn: z.string(), Tags: tags }),
  UntagResource: z.strictObject({ ResourceArn: z.string(), TagKeys: list(z.string()) }),
  ListTagsForResource: z.strictObject({ ResourceArn: z.string() }),
} as const;

export type ActionName = keyof typeof requests;
export type Request<Name extends ActionName> = z.infer<(typeof requests)[Name]>;

/** An empty list or map is written as a name without a value. */
function emptied<T>(empty: T) {
  return (value: unknown) => (value === "" ? empty : value);
}
