import { z } from "zod";
import { MAX_VISIBILITY_SECONDS } from "./queue-settings.ts";

/** Shapes of the JSON protocol: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
const messageAttribute = z
  .strictObject({
    DataType: z.string().regex(/^(String|Number|Binary)(\..{1,248})?$/),
    StringValue: z.string().optional(),
    BinaryValue: z.base64().optional(),
  })
  .refine(
    (it) => (it.DataType.startsWith("Binary") ? !!it.BinaryValue : !!it.StringValue),
    "an attribute needs a value of its type",
  );

const messageAttributes = z
  .record(z.string().regex(/^(?!aws\.|amazon\.)[A-Za-z0-9_.-]{1,256}$/i), messageAttribute)
  .refine((it) => Object.keys(it).length <= 10, "a message has at most 10 attributes");

export type MessageAttributes = Readonly<Record<string, z.infer<typeof messageAttribute>>>;

const queue = { QueueUrl: z.string().min(1) };
const paging = {
  MaxResults: z.number().int().min(1).max(1000).optional(),
  NextToken: z.string().optional(),
};
const attributeMap = z.record(z.string(), z.string());
const visibility = z.number().int().min(0).max(MAX_VISIBILITY_SECONDS);
const names = z.array(z.string()).max(100).optional();
const batchId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const outgoing = {
  // SQS takes the characters of XML 1.0; a lone surrogate could not be stored as UTF-8 either.
  MessageBody: z
    .string()
    .min(1)
    .refine((body) => body.isWellFormed() && !forbidden.test(body), "invalid characters"),
  DelaySeconds: z.number().int().min(0).max(900).optional(),
  MessageAttributes: messageAttributes.optional(),
};

/** Entries are checked one by one: one bad entry does not fail the others. */
const entries = z.array(z.looseObject({ Id: batchId }));

export const requests = {
  CreateQueue: z.strictObject({
    QueueName: z.string(),
    Attributes: attributeMap.optional(),
    tags: attributeMap.optional(),
  }),
  GetQueueUrl: z.strictObject({
    QueueName: z.string(),
    QueueOwnerAWSAccountId: z.string().optional(),
  }),
  GetQueueAttributes: z.strictObject({ ...queue, AttributeNames: names }),
  SetQueueAttributes: z.strictObject({ ...queue, Attributes: attributeMap }),
  ListQueues: z.strictObject({ QueueNamePrefix: z.string().optional(), ...paging }),
  ListDeadLetterSourceQueues: z.strictObject({ ...queue, ...paging }),
  DeleteQueue: z.strictObject(queue),
  PurgeQueue: z.strictObject(queue),
  SendMessage: z.strictObject({ ...queue, ...outgoing }),
  SendMessageBatch: z.strictObject({ ...queue, Entries: entries }),
  ReceiveMessage: z.strictObject({
    ...queue,
    AttributeNames: names,
    MessageSystemAttributeNames: names,
    MessageAttributeNames: names,
    MaxNumberOfMessages: z.number().int().min(1).max(10).default(1),
    VisibilityTimeout: visibility.optional(),
    WaitTimeSeconds: z.number().int().min(0).max(20).optional(),
  }),
  DeleteMessage: z.strictObject({ ...queue, ReceiptHandle: z.string() }),
  DeleteMessageBatch: z.strictObject({ ...queue, Entries: entries }),
  ChangeMessageVisibility: z.strictObject({
    ...queue,
    ReceiptHandle: z.string(),
    VisibilityTimeout: visibility,
  }),
  ChangeMessageVisibilityBatch: z.strictObject({ ...queue, Entries: entries }),
  StartMessageMoveTask: z.strictObject({
    SourceArn: z.string(),
    DestinationArn: z.string().optional(),
  }),
} as const;

export const batchEntries = {
  send: z.strictObject({ Id: batchId, ...outgoing }),
  delete: z.strictObject({ Id: batchId, ReceiptHandle: z.string() }),
  changeVisibility: z.strictObject({
    Id: batchId,
    ReceiptHandle: z.string(),
    VisibilityTimeout: visibility,
  }),
} as const;
