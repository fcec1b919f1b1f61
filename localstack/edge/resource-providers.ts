import { createHash } from "node:crypto";
import { type Log, type ResourceContext, type ResourceProvider, StartError } from "@sluice/cloud";
import { z } from "zod";
import { type DistributionConfig, distributionConfigSchema } from "./distribution.ts";
import { functionProvider } from "./functions/function-provider.ts";
import { cachePolicySchema, originRequestPolicySchema } from "./policies/cache-policy.ts";
import { responseHeadersPolicySchema } from "./policies/response-headers-policy.ts";
import type { Registry } from "./registry.ts";

/** An id as CloudFront's look: capitals and digits; the same at every start. */
function stableId(context: ResourceContext, prefix: string): string {
  const digest = createHash("sha256")
    .update(`${context.stackName}/${context.logicalId}`)
    .digest("hex")
    .toUpperCase();
  return `${prefix}${digest.slice(0, 13)}`;
}

/** A stored definition: Ref and `Id` are its id. */
function definition<P>(
  type: string,
  schema: z.ZodType<P>,
  prefix: string,
  store: {
    set(id: string, properties: P, context: ResourceContext): void;
    delete(id: string): void;
  },
): ResourceProvider<P> {
  return {
    type,
    schema,
    inert: ["Tags"],
    async put(properties, context) {
      const physicalId = stableId(context, prefix);
      store.set(physicalId, properties, context);
      return { physicalId, attributes: { Id: physicalId } };
    },
    async delete(physicalId) {
      store.delete(physicalId);
    },
  };
}

/** Refers to what the template should have made. @throws StartError cloudfront-reference-missing */
function requireReferences(registry: Registry, config: DistributionConfig, where: string): void {
  const origins = new Set(config.Origins.map((origin) => origin.Id));
  for (const behavior of [config.DefaultCacheBehavior, ...(config.CacheBehaviors ?? [])]) {
    const missing = [
      !origins.has(behavior.TargetOriginId) && `origin ${behavior.TargetOriginId}`,
      !registry.cachePolicies.has(behavior.CachePolicyId) &&
        `cache policy ${behavior.CachePolicyId}`,
      behavior.OriginRequestPolicyId !== undefined &&
        !registry.originRequestPolicies.has(behavior.OriginRequestPolicyId) &&
        `origin request policy ${behavior.OriginRequestPolicyId}`,
      behavior.ResponseHeadersPolicyId !== undefined &&
        !registry.responseHeadersPolicies.has(behavior.ResponseHeadersPolicyId) &&
        `response headers policy ${behavior.ResponseHeadersPolicyId}`,
      ...(behavior.TrustedKeyGroups ?? []).map(
        (id) => !registry.keyGroups.has(id) && `key group ${id}`,
      ),
      ...(behavior.FunctionAssociations ?? []).map(
        ({ FunctionARN }) =>
          !registry.functions.get(FunctionARN)?.isPublished && `published function ${FunctionARN}`,
      ),
    ].find((entry) => typeof entry === "string");
    if (missing) {
      throw new StartError(
        "cloudfront-reference-missing",
        `${where} names the ${missing}, which this edge does not know; define it in the template.`,
      );
    }
  }
}

/** The CloudFront resource types of CloudFormation that this edge serves. */
export function cloudFrontProviders(
  registry: Registry,
  domainName: () => string,
  log: Log,
  // biome-ignore lint/suspicious/noExplicitAny: each provider has its own property type, checked by its schema
): readonly ResourceProvider<any>[] {
  return [
    definition(
      "AWS::CloudFront::PublicKey",
      z.strictObject({
        PublicKeyConfig: z.strictObject({
          Name: z.string(),
          EncodedKey: z.string(),
          CallerReference: z.string(),
          Comment: z.string().optional(),
        }),
      }),
      "K",
      {
        set(id, { PublicKeyConfig }, context) {
          try {
            registry.access.addKey(id, PublicKeyConfig.EncodedKey);
          } catch {
            throw new StartError(
              "public-key-invalid",
              `${context.stackName}/${context.logicalId}: EncodedKey is not a public key in PEM form.`,
            );
          }
        },
        delete: (id) => registry.access.removeKey(id),
      },
    ),
    definition(
      "AWS::CloudFront::KeyGroup",
      z.strictObject({
        KeyGroupConfig: z.strictObject({
          Name: z.string(),
          Items: z.array(z.string()).min(1),
          Comment: z.string().optional(),
        }),
      }),
      "G",
      {
        set: (id, { KeyGroupConfig }) => registry.keyGroups.set(id, KeyGroupConfig.Items),
        delete: (id) => registry.keyGroups.delete(id),
      },
    ),
    definition(
      "AWS::CloudFront::CachePolicy",
      z.strictObject({ CachePolicyConfig: cachePolicySchema }),
      "C",
      {
        set: (id, { CachePolicyConfig }) => registry.cachePolicies.set(id, CachePolicyConfig),
        delete: (id) => registry.cachePolicies.delete(id),
      },
    ),
    definition(
      "AWS::CloudFront::OriginRequestPolicy",
      z.strictObject({ OriginRequestPolicyConfig: originRequestPolicySchema }),
      "O",
      {
        set: (id, { OriginRequestPolicyConfig }) =>
          registry.originRequestPolicies.set(id, OriginRequestPolicyConfig),
        delete: (id) => registry.originRequestPolicies.delete(id),
      },
    ),
    definition(
      "AWS::CloudFront::ResponseHeadersPolicy",
      z.strictObject({ ResponseHeadersPolicyConfig: responseHeadersPolicySchema }),
      "R",
      {
        set: (id, { ResponseHeadersPolicyConfig }) =>
          registry.responseHeadersPolicies.set(id, ResponseHeadersPolicyConfig),
        delete: (id) => registry.responseHeadersPolicies.delete(id),
      },
    ),
    definition(
      "AWS::CloudFront::OriginAccessControl",
      z.strictObject({
        OriginAccessControlConfig: z.strictObject({
          Name: z.string(),
          Description: z.string().optional(),
          OriginAccessControlOriginType: z.literal("s3"),
          SigningBehavior: z.enum(["always", "no-override"]),
          SigningProtocol: z.literal("sigv4"),
        }),
      }),
      "E",
      // The distribution's origins say who signs; the control itself adds nothing here.
      { set() {}, delete() {} },
    ),
    functionProvider(registry, log),
    {
      type: "AWS::CloudFront::Distribution",
      schema: z.strictObject({ DistributionConfig: distributionConfigSchema }),
      inert: ["Tags"],
      async put({ DistributionConfig }: { DistributionConfig: DistributionConfig }, context) {
        const id = stableId(context, "E");
        const where = `${context.stackName}/${context.logicalId}`;
        requireReferences(registry, DistributionConfig, where);
        if (registry.distribution !== undefined && registry.distribution.id !== id) {
          throw new StartError(
            "second-distribution",
            `${where} is a second distribution; an edge serves one.`,
          );
        }
        registry.distribution = { id, domainName: domainName(), config: DistributionConfig };
        return { physicalId: id, attributes: { Id: id, DomainName: domainName() } };
      },
      async delete(physicalId) {
        if (registry.distribution?.id === physicalId) registry.distribution = undefined;
      },
    },
  ];
}
