import { z } from "zod";
import type { ResourceProvider } from "../resource-provider.ts";
import type { QueueRegistry } from "./queue-registry.ts";

/** Templates carry numbers as numbers or texts, and booleans as either. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const document = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((it) => (typeof it === "string" ? it : JSON.stringify(it)));

const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: scalar.optional(),
  MessageRetentionPeriod: scalar.optional(),
  ReceiveMessageWaitTimeSeconds: scalar.optional(),
  DelaySeconds: scalar.optional(),
  MaximumMessageSize: scalar.optional(),
  RedrivePolicy: document.optional(),
  RedriveAllowPolicy: document.optional(),
  FifoQueue: scalar.optional(),
});

const policyProperties = z.strictObject({
  Queues: z.array(z.string()).min(1),
  PolicyDocument: document,
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
export function queueProvider(
  queues: QueueRegistry,
): ResourceProvider<z.infer<typeof queueProperties>> {
  return {
    type: "AWS::SQS::Queue",
    schema: queueProperties,
    inert: ["SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "Tags"],
    async put({ QueueName, FifoQueue, ...attributes }, context) {
      const name = QueueName ?? context.generatedName(80);
      const given = Object.entries({
        ...attributes,
        ...(FifoQueue !== undefined && FifoQueue !== "false" && { FifoQueue }),
      }).filter((entry): entry is [string, string] => entry[1] !== undefined);
      // A policy is a resource of its own (AWS::SQS::QueuePolicy) and stays.
      const policy = queues.find(name)?.attributes.Policy;
      const queue = queues.put(name, {
        ...Object.fromEntries(given),
        ...(policy !== undefined && { Policy: policy }),
      });
      const url = queues.urlOf(queue.name);
      return {
        physicalId: url,
        attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: url },
      };
    },
    async delete(physicalId) {
      const name = physicalId.split("/").at(-1) ?? "";
      if (queues.find(name)) queues.delete(name);
    },
  };
}

export function queuePolicyProvider(
  queues: QueueRegistry,
): ResourceProvider<z.infer<typeof policyProperties>> {
  return {
    type: "AWS::SQS::QueuePolicy",
    schema: policyProperties,
    inert: [],
    async put({ Queues, PolicyDocument }, context) {
      for (const url of Queues) queues.change(queues.byUrl(url).name, { Policy: PolicyDocument });
      return { physicalId: context.generatedName(128), attributes: {} };
    },
    // The queues it spoke of are not known any more here; with them goes the policy.
    async delete() {},
  };
}
