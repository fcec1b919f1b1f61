import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { unsupported } from "./errors.ts";

/** Attributes of a queue as the API and the database hold them: names and texts. */
export type AttributeMap = Readonly<Record<string, string>>;

/** What the attributes mean. Times in seconds, sizes in bytes. */
export interface QueueSettings {
  readonly visibilityTimeout: number;
  readonly delay: number;
  readonly retention: number;
  readonly maximumMessageSize: number;
  readonly receiveWait: number;
  readonly redrive?: RedrivePolicy;
  readonly redriveAllow?: RedriveAllowPolicy;
}

type RedrivePolicy = z.infer<typeof redrivePolicy>;
type RedriveAllowPolicy = z.infer<typeof redriveAllowPolicy>;

/** SQS raised its limit from 256 KiB to 1 MiB in August 2025. */
export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_VISIBILITY_SECONDS = 43_200;

const redrivePolicy = z.strictObject({
  deadLetterTargetArn: z.string().regex(/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]{1,80}$/),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});

const redriveAllowPolicy = z.strictObject({
  redrivePermission: z.enum(["allowAll", "denyAll", "byQueue"]),
  sourceQueueArns: z.array(z.string()).max(10).optional(),
});

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const json = <T>(schema: z.ZodType<T>) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "must be JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);

/** Ranges and defaults: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const settable = {
  VisibilityTimeout: whole(0, MAX_VISIBILITY_SECONDS).prefault("30"),
  DelaySeconds: whole(0, 900).prefault("0"),
  MessageRetentionPeriod: whole(60, 1_209_600).prefault("345600"),
  MaximumMessageSize: whole(1024, MAX_MESSAGE_BYTES).prefault(String(MAX_MESSAGE_BYTES)),
  ReceiveMessageWaitTimeSeconds: whole(0, 20).prefault("0"),
  RedrivePolicy: json(redrivePolicy).optional(),
  RedriveAllowPolicy: json(redriveAllowPolicy).optional(),
  Policy: z.string().optional(),
  SqsManagedSseEnabled: z.enum(["true", "false"]).prefault("true"),
  KmsMasterKeyId: z.string().optional(),
  KmsDataKeyReusePeriodSeconds: z.string().optional(),
} as const;

const settings = z.strictObject(settable);

const fifoAttributes = new Set([
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
]);

/** Attributes that hold their default when a queue does not say otherwise. */
export const defaultAttributes: AttributeMap = {
  VisibilityTimeout: "30",
  DelaySeconds: "0",
  MessageRetentionPeriod: "345600",
  MaximumMessageSize: String(MAX_MESSAGE_BYTES),
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
};

/** An attribute set to the empty text is removed, as on AWS. */
export function mergeAttributes(current: AttributeMap, changes: AttributeMap): AttributeMap {
  return Object.fromEntries(
    Object.entries({ ...current, ...changes }).filter(([, value]) => value !== ""),
  );
}

/** @throws AwsError InvalidAttributeName, InvalidAttributeValue, UnsupportedOperation (FIFO) */
export function parseAttributes(attributes: AttributeMap): QueueSettings {
  for (const name of Object.keys(attributes)) {
    if (fifoAttributes.has(name)) throw fifoIsUnsupported();
    if (!(name in settable))
      throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
  }
  const parsed = settings.safeParse(attributes);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "");
    throw new AwsError(
      "InvalidAttributeValue",
      `Invalid value for the parameter ${name}. Reason: ${issue?.path.slice(1).join(".") ?? ""} ${issue?.message ?? "not valid"}.`,
    );
  }
  const value = parsed.data;
  return {
    visibilityTimeout: value.VisibilityTimeout,
    delay: value.DelaySeconds,
    retention: value.MessageRetentionPeriod,
    maximumMessageSize: value.MaximumMessageSize,
    receiveWait: value.ReceiveMessageWaitTimeSeconds,
    ...(value.RedrivePolicy && { redrive: value.RedrivePolicy }),
    ...(value.RedriveAllowPolicy && { redriveAllow: value.RedriveAllowPolicy }),
  };
}

/** @throws AwsError InvalidParameterValue, UnsupportedOperation (FIFO) */
export function checkQueueName(name: string): void {
  if (name.endsWith(".fifo")) throw fifoIsUnsupported();
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
    throw new AwsError(
      "InvalidParameterValue",
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
    );
  }
}

const fifoIsUnsupported = () =>
  unsupported("This cloud has standard queues only: make the queue without FifoQueue.");
