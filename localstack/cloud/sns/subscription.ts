import { z } from "zod";
import { type AttributeMap, parseJson } from "./attributes.ts";
import { invalidParameter } from "./errors.ts";
import { FilterPolicyError, parseFilterPolicy } from "./filter-policy/parse.ts";
import {
  type FilterPolicy,
  type FilterPolicyScope,
  filterPolicyScopes,
} from "./filter-policy/policy.ts";

export type Protocol = "sqs" | "lambda";

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: AttributeMap;
  readonly settings: SubscriptionSettings;
}

/** What the attributes mean. */
interface SubscriptionSettings {
  readonly rawDelivery: boolean;
  readonly filter?: { readonly scope: FilterPolicyScope; readonly policy: FilterPolicy };
  readonly deadLetterArn?: string;
}

const elsewhere = ["http", "https", "email", "email-json", "sms", "application", "firehose"];
const known = ["RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"];

const redrivePolicy = z.strictObject({
  deadLetterTargetArn: z.string().regex(/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]{1,80}$/),
});

/** @throws AwsError InvalidParameter */
export function checkEndpoint(protocol: string, endpoint: string): Protocol {
  if (elsewhere.includes(protocol)) {
    throw invalidParameter(
      `Protocol Reason: this cloud delivers to sqs and lambda only, not to ${protocol}.`,
    );
  }
  if (protocol === "sqs") {
    if (/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]{1,80}$/.test(endpoint)) return protocol;
    throw invalidParameter("SQS endpoint ARN");
  }
  if (protocol === "lambda") {
    if (/^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(endpoint)) {
      return protocol;
    }
    throw invalidParameter("Lambda endpoint ARN");
  }
  throw invalidParameter(`Does not support this protocol string: ${protocol.slice(0, 80)}`);
}

/**
 * Reads the attributes of a subscription.
 * @param where stands before the reason, as AWS has it: `Attributes Reason: ` at Subscribe
 * @throws AwsError InvalidParameter
 */
export function parseSubscription(
  protocol: Protocol,
  attributes: AttributeMap,
  where = "",
): SubscriptionSettings {
  const refuse = (reason: string) => invalidParameter(`${where}${reason}`);
  for (const name of Object.keys(attributes)) {
    if (!known.includes(name)) {
      throw refuse(
        `${name.slice(0, 80)} is not one of ${known.join(", ")}, which are what this cloud has.`,
      );
    }
  }
  const { RawMessageDelivery, FilterPolicy, FilterPolicyScope, RedrivePolicy } = attributes;
  const rawDelivery = /^true$/i.test(RawMessageDelivery ?? "");
  if (!/^(true|false)$/i.test(RawMessageDelivery ?? "false")) {
    throw refuse(
      `RawMessageDelivery: Invalid value [${RawMessageDelivery}]. Must be true or false.`,
    );
  }
  if (rawDelivery && protocol !== "sqs") {
    throw refuse(
      `RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  const scope = filterPolicyScopes.find((it) => it === (FilterPolicyScope ?? "MessageAttributes"));
  if (!scope) {
    throw refuse(
      `FilterPolicyScope: Invalid value [${FilterPolicyScope}]. Please use either MessageBody or MessageAttributes`,
    );
  }
  const deadLetters = readRedrivePolicy(RedrivePolicy);
  if (deadLetters === null) throw refuse("RedrivePolicy: deadLetterTargetArn is an invalid arn");
  return {
    rawDelivery,
    ...(FilterPolicy !== undefined && {
      filter: { scope, policy: readFilterPolicy(FilterPolicy, scope, refuse) },
    }),
    ...(deadLetters !== undefined && { deadLetterArn: deadLetters }),
  };
}

function readFilterPolicy(
  text: string,
  scope: FilterPolicyScope,
  refuse: (reason: string) => Error,
): FilterPolicy {
  try {
    return parseFilterPolicy(text, scope);
  } catch (error) {
    if (error instanceof FilterPolicyError) throw refuse(error.message);
    throw error;
  }
}

/** `{}` takes a dead-letter queue away, as AWS has it. Null for what is not valid. */
function readRedrivePolicy(text: string | undefined): string | undefined | null {
  if (text === undefined) return undefined;
  const json = parseJson(text);
  if (z.strictObject({}).safeParse(json).success) return undefined;
  return redrivePolicy.safeParse(json).data?.deadLetterTargetArn ?? null;
}
