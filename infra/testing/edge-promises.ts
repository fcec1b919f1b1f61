import { readFileSync } from "node:fs";
import { pathTokenLinksFile } from "../constructs/path-token-links.ts";
import { plainMediaAddressesFile } from "../constructs/plain-media-addresses.ts";
import {
  type AppPromise,
  at,
  type FoundResource,
  listOf,
  named,
  type Templates,
  type Value,
} from "./templates.ts";

const signedMediaOnly: AppPromise = (templates) =>
  templates
    .all("AWS::CloudFront::Distribution")
    .filter(({ stack, properties: { DistributionConfig: config } }) => {
      const media = listOf(at(config, "CacheBehaviors")).find(
        (behavior) => at(behavior, "PathPattern") === "/videos/*",
      );
      const viewers = templates.follow(stack, at(media, "TrustedKeyGroups", 0));
      return viewers?.type !== "AWS::CloudFront::KeyGroup";
    })
    .map((distribution) => `${named(distribution)} hands out videos without a signature`);

const plainMediaAddresses = readFileSync(plainMediaAddressesFile, "utf8");
const pathTokenLinks = readFileSync(pathTokenLinksFile, "utf8");

const behaviorsOf = ({ properties: { DistributionConfig: config } }: FoundResource) => [
  at(config, "DefaultCacheBehavior"),
  ...listOf(at(config, "CacheBehaviors")),
];

/** The function that runs before a behavior, when it is published and has this code. */
function guardOf(
  templates: Templates,
  { stack }: FoundResource,
  behavior: Value | undefined,
  code: string,
): FoundResource | undefined {
  const association = listOf(at(behavior, "FunctionAssociations")).find(
    (each) => at(each, "EventType") === "viewer-request",
  );
  const found = templates.follow(stack, at(association, "FunctionARN"));
  const isIt =
    found?.type === "AWS::CloudFront::Function" &&
    found.properties.FunctionCode === code &&
    found.properties.AutoPublish === true;
  return isIt ? found : undefined;
}

/** Media without signatures is media by link: checked, from a store, and kept by no shared cache. */
const linksAreChecked: AppPromise = (templates) =>
  templates.all("AWS::CloudFront::Distribution").flatMap((distribution) => {
    const behaviors = behaviorsOf(distribution);
    const origins = new Set(
      behaviors
        .filter((each) => listOf(at(each, "TrustedKeyGroups")).length > 0)
        .map((each) => at(each, "TargetOriginId")),
    );
    return behaviors
      .filter((each) => listOf(at(each, "TrustedKeyGroups")).length === 0)
      .filter((each) => origins.has(at(each, "TargetOriginId")))
      .filter((behavior) => {
        const guard = guardOf(templates, distribution, behavior, pathTokenLinks);
        const stores = listOf(at(guard?.properties.FunctionConfig, "KeyValueStoreAssociations"));
        const headers = templates.follow(
          distribution.stack,
          at(behavior, "ResponseHeadersPolicyId"),
        )?.properties.ResponseHeadersPolicyConfig;
        const cacheControl = listOf(at(headers, "CustomHeadersConfig", "Items")).find(
          (each) => at(each, "Header") === "Cache-Control",
        );
        return (
          stores.length !== 1 ||
          at(cacheControl, "Value") !== "private, no-cache" ||
          at(cacheControl, "Override") !== true
        );
      })
      .map(
        (behavior) =>
          `${named(distribution)} hands out media at ${at(behavior, "PathPattern") ?? "the rest"} unchecked`,
      );
  });

/** Grants leave the host open, so that an address could name two videos (docs/decisions/0006). */
const grantsOpenWhatTheyName: AppPromise = (templates) =>
  templates.all("AWS::CloudFront::Distribution").flatMap((distribution) =>
    behaviorsOf(distribution)
      .filter((behavior) => listOf(at(behavior, "TrustedKeyGroups")).length > 0)
      .filter((behavior) => !guardOf(templates, distribution, behavior, plainMediaAddresses))
      .map(
        (behavior) =>
          `${named(distribution)} lets a grant for ${at(behavior, "PathPattern") ?? "the rest"} open other addresses`,
      ),
  );

/** A segment that is not there yet is there soon, and an API's 404 is JSON, not a page. */
const noErrorStays: AppPromise = (templates) =>
  templates.all("AWS::CloudFront::Distribution").flatMap((distribution) => {
    const responses = listOf(
      at(distribution.properties.DistributionConfig, "CustomErrorResponses"),
    );
    const answerFor = (status: number) =>
      responses.find((response) => at(response, "ErrorCode") === status);
    return [403, 404, 405, 414, 500, 501, 502, 503, 504].flatMap((status) => {
      const answer = answerFor(status);
      const ttl = at(answer, "ErrorCachingMinTTL");
      return [
        ...(typeof ttl === "number" && ttl <= 1
          ? []
          : [`${named(distribution)} keeps a ${status} for longer than a second`]),
        ...(at(answer, "ResponsePagePath") || at(answer, "ResponseCode")
          ? [`${named(distribution)} puts a page in the place of a ${status}`]
          : []),
      ];
    });
  });

export const edgePromises = {
  signedMediaOnly,
  grantsOpenWhatTheyName,
  linksAreChecked,
  noErrorStays,
} as const;
