import { z } from "zod";
import { policyDocument } from "../iam/policy-document.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import type { AttributeMap } from "./attributes.ts";
import type { SnsRegistry } from "./registry.ts";

/** Templates carry booleans as such or as texts. */
const flag = z.union([z.boolean(), z.enum(["true", "false"])]).transform(String);
const document = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((it) => (typeof it === "string" ? it : JSON.stringify(it)));
const isFalse = (reason: string) =>
  flag.refine((it) => it === "false", `${reason}: leave it out or set it to false`).optional();
const refused = (reason: string) => z.undefined(reason).optional();

const topicProperties = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: z.string().optional(),
  SignatureVersion: z.string().optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
  FifoTopic: isFalse("this cloud has standard topics only"),
  ContentBasedDeduplication: isFalse("this cloud has standard topics only"),
  Subscription: refused("this cloud wants each subscription as an AWS::SNS::Subscription"),
  DataProtectionPolicy: refused("this cloud inspects no messages, so it cannot protect their data"),
});

const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  Region: z.string().optional(),
  FilterPolicy: document.optional(),
  FilterPolicyScope: z.string().optional(),
  RawMessageDelivery: flag.optional(),
  RedrivePolicy: document.optional(),
  DeliveryPolicy: refused("it is for http and https, to which this cloud does not deliver"),
  SubscriptionRoleArn: refused("it is for firehose, to which this cloud does not deliver"),
  ReplayPolicy: refused("this cloud has standard topics only, which keep no archive"),
});

const policyProperties = z.strictObject({
  Topics: z.array(z.string()).min(1),
  PolicyDocument: document.refine(
    (it) => policyDocument.safeParse(JSON.parse(it)).success,
    "it is no policy document",
  ),
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html */
export function topicProvider(
  registry: SnsRegistry,
): ResourceProvider<z.infer<typeof topicProperties>> {
  return {
    type: "AWS::SNS::Topic",
    schema: topicProperties,
    inert: ["KmsMasterKeyId", "TracingConfig", "DeliveryStatusLogging"],
    async put({ TopicName, DisplayName, SignatureVersion, Tags = [] }, context) {
      const name = TopicName ?? context.generatedName(256);
      // A policy is a resource of its own (AWS::SNS::TopicPolicy) and stays.
      const { Policy } = registry.findTopic(registry.topicArn(name))?.attributes ?? {};
      const { arn } = registry.putTopic(
        name,
        given({ DisplayName, SignatureVersion, Policy }),
        Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      );
      return { physicalId: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
    async delete(physicalId) {
      registry.deleteTopic(physicalId);
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html */
export function subscriptionProvider(
  registry: SnsRegistry,
): ResourceProvider<z.infer<typeof subscriptionProperties>> {
  return {
    type: "AWS::SNS::Subscription",
    schema: subscriptionProperties,
    inert: [],
    // Its Region is the topic's, and a topic of another region is not found.
    async put({ TopicArn, Protocol, Endpoint, Region: _, ...attributes }) {
      const { arn } = registry.putSubscription({
        topicArn: TopicArn,
        protocol: Protocol,
        endpoint: Endpoint,
        attributes: given(attributes),
      });
      return { physicalId: arn, attributes: { Arn: arn } };
    },
    async delete(physicalId) {
      registry.unsubscribe(physicalId);
    },
  };
}

/** Kept and shown, not evaluated: see docs/differences.md. */
export function topicPolicyProvider(
  registry: SnsRegistry,
): ResourceProvider<z.infer<typeof policyProperties>> {
  return {
    type: "AWS::SNS::TopicPolicy",
    schema: policyProperties,
    inert: [],
    async put({ Topics, PolicyDocument }, context) {
      for (const arn of Topics)
        registry.changeTopic(arn, { attributes: { Policy: PolicyDocument } });
      const id = context.generatedName(128);
      return { physicalId: id, attributes: { Id: id } };
    },
    // The topics it spoke of are not known any more here; with them goes the policy.
    async delete() {},
  };
}

function given(properties: Readonly<Record<string, string | undefined>>): AttributeMap {
  return Object.fromEntries(
    Object.entries(properties).filter((it): it is [string, string] => it[1] !== undefined),
  );
}
