import { policyDocument } from "../iam/policy-document.ts";
import { type AttributeMap, parseJson } from "./attributes.ts";
import { fifoIsUnsupported, invalidParameter } from "./errors.ts";

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly attributes: AttributeMap;
  readonly tags: AttributeMap;
}

const fifoAttributes = new Set([
  "FifoTopic",
  "ContentBasedDeduplication",
  "FifoThroughputScope",
  "ArchivePolicy",
]);

/** What a topic may say of itself. Encryption and tracing have no effect here. */
const checks: Readonly<Record<string, (value: string) => boolean>> = {
  DisplayName: (value) => value.length <= 100,
  Policy: (value) => policyDocument.safeParse(parseJson(value)).success,
  KmsMasterKeyId: () => true,
  SignatureVersion: (value) => value === "1" || value === "2",
  TracingConfig: (value) => value === "PassThrough" || value === "Active",
};

/** @throws AwsError InvalidParameter: which attribute, and why */
export function checkTopicAttributes(attributes: AttributeMap): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (fifoAttributes.has(name)) {
      if (value === "false") continue;
      throw fifoIsUnsupported(`Attributes ${name}`);
    }
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) {
      throw invalidParameter(
        `AttributeName Reason: ${name.slice(0, 80)} is not one of ${Object.keys(checks).join(", ")}, which are what this cloud has.`,
      );
    }
    if (!check(value)) throw invalidParameter(`Attributes Reason: ${name} is not valid`);
  }
}

/** @throws AwsError InvalidParameter */
export function checkTopicName(name: string): void {
  if (name.endsWith(".fifo")) throw fifoIsUnsupported("Topic Name");
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalidParameter("Topic Name");
}
