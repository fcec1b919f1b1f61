import { readFileSync } from "node:fs";
import { plainMediaAddressesFile } from "../constructs/plain-media-addresses.ts";
import { type AppPromise, at, listOf, named } from "./templates.ts";

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

/** Grants leave the host open, so that an address could name two videos (docs/decisions/0006). */
const grantsOpenWhatTheyName: AppPromise = (templates) =>
  templates.all("AWS::CloudFront::Distribution").flatMap((distribution) => {
    const config = distribution.properties.DistributionConfig;
    return [at(config, "DefaultCacheBehavior"), ...listOf(at(config, "CacheBehaviors"))]
      .filter((behavior) => listOf(at(behavior, "TrustedKeyGroups")).length > 0)
      .filter((behavior) => {
        const association = listOf(at(behavior, "FunctionAssociations")).find(
          (each) => at(each, "EventType") === "viewer-request",
        );
        const found = templates.follow(distribution.stack, at(association, "FunctionARN"));
        return (
          found?.type !== "AWS::CloudFront::Function" ||
          found.properties.FunctionCode !== plainMediaAddresses ||
          found.properties.AutoPublish !== true
        );
      })
      .map(
        (behavior) =>
          `${named(distribution)} lets a grant for ${at(behavior, "PathPattern") ?? "the rest"} open other addresses`,
      );
  });

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
  noErrorStays,
} as const;
