import { describe, expect, it } from "vitest";
import { apps } from "../testing/synthesized.ts";
import { at, listOf, type Value } from "../testing/templates.ts";

describe.each(["embedded", "aws"] as const)("the distribution on %s", (target) => {
  const { templates } = apps[target];
  const config = templates.all("AWS::CloudFront::Distribution")[0]?.properties.DistributionConfig;
  const behavior = (pattern: string) =>
    listOf(at(config, "CacheBehaviors")).find((each) => at(each, "PathPattern") === pattern);
  const origin = (of: Value | undefined) =>
    listOf(at(config, "Origins")).find((each) => at(each, "Id") === at(of, "TargetOriginId"));

  it("passes the API through as it came, and keeps none of it", () => {
    // Act
    const api = behavior("/api/*");

    // Assess
    expect(at(origin(api), "OriginPath")).toBe("");
    expect(at(api, "AllowedMethods")).toEqual(expect.arrayContaining(["GET", "POST", "DELETE"]));
    // Managed policies: CachingDisabled and AllViewerExceptHostHeader.
    expect(at(api, "CachePolicyId")).toBe("4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    expect(at(api, "OriginRequestPolicyId")).toBe("b689b0a8-53d0-40ab-baf2-68738e2966ac");
  });

  it("keeps one copy of a video for all viewers, for as long as the origin says", () => {
    // Act
    const policy = templates.follow("Sluice-Edge", at(behavior("/videos/*"), "CachePolicyId"));

    // Assess
    const cache = policy?.properties.CachePolicyConfig;
    expect(at(cache, "MinTTL")).toBe(0);
    expect(at(cache, "MaxTTL")).toBe(31_536_000);
    const key = at(cache, "ParametersInCacheKeyAndForwardedToOrigin");
    expect(at(key, "QueryStringsConfig")).toEqual({ QueryStringBehavior: "none" });
    expect(at(key, "CookiesConfig")).toEqual({ CookieBehavior: "none" });
  });

  it.each(["WebBucket", "MediaBucket"])(
    "reads %s, and sees what is missing, by rights that name no distribution",
    (bucket) => {
      // Act
      const rights = templates
        .all("AWS::S3::BucketPolicy")
        .filter(({ id }) => id.startsWith(bucket))
        .flatMap(({ properties }) => listOf(at(properties.PolicyDocument, "Statement")))
        .filter((statement) => at(statement, "Effect") === "Allow");

      // Assess
      expect(rights.map((right) => at(right, "Action")).toSorted()).toEqual([
        "s3:GetObject",
        "s3:ListBucket",
      ]);
      for (const right of rights) {
        expect(at(right, "Principal")).toEqual({ Service: "cloudfront.amazonaws.com" });
        expect(at(right, "Condition", "StringEquals", "aws:SourceAccount")).toEqual({
          Ref: "AWS::AccountId",
        });
        expect(JSON.stringify(at(right, "Condition", "ArnLike"))).toContain(":distribution/*");
      }
    },
  );

  it("lets the page play blobs in a worker, send parts, and run no script but its own", () => {
    // Act
    const headers = templates.follow(
      "Sluice-Edge",
      at(config, "DefaultCacheBehavior", "ResponseHeadersPolicyId"),
    );
    const policy = JSON.stringify(
      at(
        headers?.properties.ResponseHeadersPolicyConfig,
        "SecurityHeadersConfig",
        "ContentSecurityPolicy",
        "ContentSecurityPolicy",
      ),
    );

    // Assess
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("media-src 'self' blob:");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain(
      target === "embedded"
        ? "connect-src 'self' http://127.0.0.1:*;"
        : "connect-src 'self' https:;",
    );
  });
});
