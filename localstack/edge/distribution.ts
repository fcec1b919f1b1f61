import { z } from "zod";
import { functionAssociationsSchema } from "./functions/function-schema.ts";
import { matchesWildcards } from "./wildcards.ts";

/**
 * The DistributionConfig of CloudFormation, as far as this edge honours it.
 * What is inert here (certificates, price class, HTTP versions, logging) is named by `.describe("inert")`.
 */
const inert = () => z.unknown().optional().describe("inert");

const methods = z.array(z.enum(["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]));

const behaviorShape = {
  TargetOriginId: z.string(),
  ViewerProtocolPolicy: z.enum(["allow-all", "https-only", "redirect-to-https"]),
  AllowedMethods: methods.optional(),
  CachedMethods: methods.optional(),
  CachePolicyId: z.string(),
  OriginRequestPolicyId: z.string().optional(),
  ResponseHeadersPolicyId: z.string().optional(),
  TrustedKeyGroups: z.array(z.string()).optional(),
  FunctionAssociations: functionAssociationsSchema.optional(),
  Compress: z.boolean().optional(),
  SmoothStreaming: inert(),
};

const defaultBehaviorSchema = z.strictObject(behaviorShape);
const behaviorSchema = z.strictObject({ ...behaviorShape, PathPattern: z.string() });

const originSchema = z.strictObject({
  Id: z.string(),
  DomainName: z.string(),
  OriginPath: z.string().optional(),
  OriginAccessControlId: z.string().optional(),
  OriginCustomHeaders: z
    .array(z.strictObject({ HeaderName: z.string(), HeaderValue: z.string() }))
    .optional(),
  S3OriginConfig: z.strictObject({ OriginAccessIdentity: z.literal("").optional() }).optional(),
  CustomOriginConfig: z
    .strictObject({
      OriginProtocolPolicy: z.enum(["http-only", "match-viewer", "https-only"]),
      OriginSSLProtocols: inert(),
      HTTPPort: inert(),
      HTTPSPort: inert(),
      OriginReadTimeout: z.coerce.number().optional(),
      OriginKeepaliveTimeout: inert(),
    })
    .optional(),
  ConnectionAttempts: z.coerce.number().int().min(1).max(3).optional(),
  ConnectionTimeout: z.coerce.number().optional(),
});

export const distributionConfigSchema = z.strictObject({
  Enabled: z.boolean(),
  Origins: z.array(originSchema).min(1),
  DefaultCacheBehavior: defaultBehaviorSchema,
  CacheBehaviors: z.array(behaviorSchema).optional(),
  DefaultRootObject: z.string().optional(),
  CustomErrorResponses: z
    .array(
      z.strictObject({
        ErrorCode: z.coerce.number().int(),
        ErrorCachingMinTTL: z.coerce.number().min(0).optional(),
      }),
    )
    .optional(),
  Comment: inert(),
  HttpVersion: inert(),
  IPV6Enabled: inert(),
  PriceClass: inert(),
  ViewerCertificate: inert(),
  Aliases: inert(),
  Logging: inert(),
});
export type DistributionConfig = z.infer<typeof distributionConfigSchema>;
export type Origin = z.infer<typeof originSchema>;
export type Behavior = z.infer<typeof defaultBehaviorSchema>;

/**
 * CloudFront Developer Guide, "Cache behavior settings: path pattern": a leading slash is optional,
 * case counts.
 */
export function matchesPathPattern(pattern: string, path: string): boolean {
  const anchored = pattern.startsWith("/") || pattern.startsWith("*") ? pattern : `/${pattern}`;
  return matchesWildcards(anchored, path);
}

/** The first behavior in the order of the list whose pattern matches, else the default one. */
export function selectBehavior(config: DistributionConfig, path: string): Behavior {
  return (
    config.CacheBehaviors?.find((behavior) => matchesPathPattern(behavior.PathPattern, path)) ??
    config.DefaultCacheBehavior
  );
}
