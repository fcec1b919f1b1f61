import { z } from "zod";

const seconds = z.coerce.number().min(0);

const headersConfig = z.strictObject({
  HeaderBehavior: z.enum(["none", "whitelist"]),
  Headers: z.array(z.string()).optional(),
});
const cookiesConfig = z.strictObject({
  CookieBehavior: z.enum(["none", "whitelist", "allExcept", "all"]),
  Cookies: z.array(z.string()).optional(),
});
const queryStringsConfig = z.strictObject({
  QueryStringBehavior: z.enum(["none", "whitelist", "allExcept", "all"]),
  QueryStrings: z.array(z.string()).optional(),
});

export const cachePolicySchema = z.strictObject({
  Name: z.string(),
  Comment: z.string().optional(),
  MinTTL: seconds,
  DefaultTTL: seconds,
  MaxTTL: seconds,
  ParametersInCacheKeyAndForwardedToOrigin: z.strictObject({
    EnableAcceptEncodingGzip: z.boolean(),
    EnableAcceptEncodingBrotli: z.boolean().optional(),
    HeadersConfig: headersConfig,
    CookiesConfig: cookiesConfig,
    QueryStringsConfig: queryStringsConfig,
  }),
});
export type CachePolicy = z.infer<typeof cachePolicySchema>;

export const originRequestPolicySchema = z.strictObject({
  Name: z.string(),
  Comment: z.string().optional(),
  HeadersConfig: z.strictObject({
    HeaderBehavior: z.enum(["none", "whitelist", "allViewer", "allExcept"]),
    Headers: z.array(z.string()).optional(),
  }),
  CookiesConfig: cookiesConfig,
  QueryStringsConfig: queryStringsConfig,
});
export type OriginRequestPolicy = z.infer<typeof originRequestPolicySchema>;

type Selection = "none" | "whitelist" | "allExcept" | "all" | "allViewer";

/** Whether a policy takes in a header, cookie or query string of this name. */
export function selects(
  behavior: Selection,
  names: readonly string[] | undefined,
  name: string,
): boolean {
  switch (behavior) {
    case "none":
      return false;
    case "all":
    case "allViewer":
      return true;
    case "whitelist":
      return names?.includes(name) ?? false;
    case "allExcept":
      return !(names?.includes(name) ?? false);
  }
}

/** Policies that AWS manages, by id (CloudFront Developer Guide, "Use managed cache policies"). */
export const managedCachePolicies: Readonly<Record<string, CachePolicy>> = {
  "658327ea-f89d-4fab-a63d-7e88639e58f6": managed("CachingOptimized", 1, 86_400, 31_536_000, true),
  "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": managed(
    "CachingOptimizedForUncompressedObjects",
    1,
    86_400,
    31_536_000,
    false,
  ),
  "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": managed("CachingDisabled", 0, 0, 0, false),
};

function managed(
  name: string,
  minTtl: number,
  defaultTtl: number,
  maxTtl: number,
  compressed: boolean,
): CachePolicy {
  return {
    Name: `Managed-${name}`,
    MinTTL: minTtl,
    DefaultTTL: defaultTtl,
    MaxTTL: maxTtl,
    ParametersInCacheKeyAndForwardedToOrigin: {
      EnableAcceptEncodingGzip: compressed,
      EnableAcceptEncodingBrotli: compressed,
      HeadersConfig: { HeaderBehavior: "none" },
      CookiesConfig: { CookieBehavior: "none" },
      QueryStringsConfig: { QueryStringBehavior: "none" },
    },
  };
}

/** "Use managed origin request policies"; header names in lower case. */
export const managedOriginRequestPolicies: Readonly<Record<string, OriginRequestPolicy>> = {
  "216adef6-5c7f-47e4-b989-5492eafa07d3": forwardAll("AllViewer", { HeaderBehavior: "allViewer" }),
  "b689b0a8-53d0-40ab-baf2-68738e2966ac": forwardAll("AllViewerExceptHostHeader", {
    HeaderBehavior: "allExcept",
    Headers: ["host"],
  }),
};

function forwardAll(
  name: string,
  headers: OriginRequestPolicy["HeadersConfig"],
): OriginRequestPolicy {
  return {
    Name: `Managed-${name}`,
    HeadersConfig: headers,
    CookiesConfig: { CookieBehavior: "all" },
    QueryStringsConfig: { QueryStringBehavior: "all" },
  };
}
