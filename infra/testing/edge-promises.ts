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
  noErrorStays,
} as const;
