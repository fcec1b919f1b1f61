import { describe, expect, it } from "vitest";
import { promises } from "./testing/promises.ts";
import { apps } from "./testing/synthesized.ts";
import { at, isObject, listOf, Templates, type Value } from "./testing/templates.ts";

describe.each(["embedded", "localstack", "aws"] as const)(
  "the app on %s keeps its promise:",
  (target) => {
    it.each(Object.entries(promises))("%s", (_name, kept) => {
      // Prepare
      const { templates } = apps[target];

      // Act
      const violations = kept(templates);

      // Assess
      expect(violations).toEqual([]);
    });
  },
);

/** A copy of the AWS app with something spoilt, found by the type of the resource and its id. */
function spoilt(type: string, id: RegExp, spoil: (properties: Record<string, unknown>) => void) {
  const byStack = structuredClone(apps.aws.templates.byStack);
  const found = Object.values(byStack)
    .flatMap((template) => Object.entries(template.Resources))
    .find(([each, resource]) => resource.Type === type && id.test(each));
  if (!found) throw new Error(`There is no ${type} whose id matches ${id}.`);
  spoil(found[1].Properties);
  return new Templates(byStack);
}

/** A copy of the AWS app with one more resource. */
function enlarged(type: string, properties: Record<string, unknown>) {
  const { byStack } = apps.aws.templates;
  const app = structuredClone(byStack["Sluice-App"]);
  return new Templates({
    ...byStack,
    "Sluice-App": {
      ...app,
      Resources: { ...app?.Resources, Planted: { Type: type, Properties: properties } },
    },
  });
}

/** The first statement of a role's own policy. */
function statementOf(properties: Record<string, unknown>) {
  const policies = properties.Policies;
  if (!Array.isArray(policies)) throw new Error("This role has no policy of its own.");
  const statement = at(policies, 0, "PolicyDocument", "Statement");
  if (!Array.isArray(statement)) throw new Error("This policy has no statements.");
  return statement as Record<string, unknown>[];
}

function configOf(distribution: Record<string, unknown>) {
  const config = new Templates({
    one: { Resources: { it: { Type: "Any", Properties: distribution } } },
  }).all()[0]?.properties.DistributionConfig;
  if (!isObject(config)) throw new Error("A distribution has a configuration.");
  return config;
}

/** The behaviors, those with signatures with other functions. */
function signedBehaviors(
  distribution: Record<string, unknown>,
  change: (associations: readonly Value[]) => readonly Value[],
): readonly Value[] {
  return listOf(configOf(distribution).CacheBehaviors).map((behavior) =>
    isObject(behavior) && behavior.TrustedKeyGroups
      ? { ...behavior, FunctionAssociations: change(listOf(behavior.FunctionAssociations)) }
      : behavior,
  );
}

const planted: readonly [keyof typeof promises, string, () => Templates][] = [
  [
    "everyQueueHasADeadLetterQueue",
    "a queue without one",
    () => spoilt("AWS::SQS::Queue", /^TasksQueue/, (queue) => delete queue.RedrivePolicy),
  ],
  [
    "consumersEndWellBeforeTheirMessageIsShownAgain",
    "a function that runs for a sixth of the visibility and a second",
    () =>
      spoilt("AWS::Lambda::Function", /^Transcode[0-9A-F]{8}$/, (each) => {
        each.Timeout = 601;
      }),
  ],
  [
    "consumersEndWellBeforeTheirMessageIsShownAgain",
    "a mapping that leads nowhere",
    () =>
      spoilt("AWS::Lambda::EventSourceMapping", /./, (mapping) => {
        mapping.EventSourceArn = "arn:aws:sqs:us-east-1:111111111111:else";
      }),
  ],
  [
    "batchesFailByTheMessage",
    "a mapping that fails whole batches",
    () =>
      spoilt("AWS::Lambda::EventSourceMapping", /./, (each) => delete each.FunctionResponseTypes),
  ],
  [
    "everyQueueIsWatched",
    "a queue that no alarm names",
    () => enlarged("AWS::SQS::Queue", { RedrivePolicy: { maxReceiveCount: 3 } }),
  ],
  [
    "everyQueueIsWatched",
    "an alarm that goes off on missing data",
    () => spoilt("AWS::CloudWatch::Alarm", /./, (alarm) => delete alarm.TreatMissingData),
  ],
  [
    "everySubscriptionChoosesAndKeepsWhatItCannotDeliver",
    "a subscription to everything",
    () => spoilt("AWS::SNS::Subscription", /./, (subscription) => delete subscription.FilterPolicy),
  ],
  [
    "everySubscriptionChoosesAndKeepsWhatItCannotDeliver",
    "a subscription without a dead-letter queue",
    () =>
      spoilt("AWS::SNS::Subscription", /./, (subscription) => delete subscription.RedrivePolicy),
  ],
  [
    "whatAFunctionGivesUpIsConsumed",
    "a pushed function without a failure destination",
    () =>
      spoilt("AWS::Lambda::EventInvokeConfig", /./, (config) => delete config.DestinationConfig),
  ],
  [
    "whatAFunctionGivesUpIsConsumed",
    "a failure destination without a consumer",
    () =>
      spoilt("AWS::Lambda::EventSourceMapping", /^TranscodeRetireTask/, (mapping) => {
        mapping.EventSourceArn = "arn:aws:sqs:us-east-1:111111111111:else";
      }),
  ],
  [
    "noTopicStartsMoreThanItsShare",
    "a pushed function without a limit",
    () =>
      spoilt(
        "AWS::Lambda::Function",
        /^TranscodePushAudio/,
        (each) => delete each.ReservedConcurrentExecutions,
      ),
  ],
  [
    "noRightIsAWildcard",
    "a role that may s3:Get*",
    () =>
      spoilt("AWS::IAM::Role", /^Upload/, (role) => {
        statementOf(role).push({
          Effect: "Allow",
          Action: ["s3:Get*"],
          Resource: "arn:aws:s3:::a",
        });
      }),
  ],
  [
    "noRightIsAWildcard",
    "a role that may read every secret",
    () =>
      spoilt("AWS::IAM::Role", /^Upload/, (role) => {
        statementOf(role).push({
          Effect: "Allow",
          Action: "secretsmanager:GetSecretValue",
          Resource: "*",
        });
      }),
  ],
  [
    "noRightIsAWildcard",
    "a role that may everything but one thing",
    () =>
      spoilt("AWS::IAM::Role", /^Upload/, (role) => {
        statementOf(role).push({ Effect: "Allow", NotAction: "iam:PassRole", Resource: "a" });
      }),
  ],
  [
    "noRightIsAWildcard",
    "a policy beside the roles",
    () =>
      enlarged("AWS::IAM::Policy", {
        PolicyDocument: { Statement: [{ Effect: "Allow", Action: "*", Resource: "a" }] },
      }),
  ],
  [
    "noRightIsAWildcard",
    "a role with a managed policy",
    () =>
      spoilt("AWS::IAM::Role", /./, (role) => {
        role.ManagedPolicyArns = ["arn:aws:iam::aws:policy/AdministratorAccess"];
      }),
  ],
  [
    "nothingIsPublic",
    "a bucket that may become public",
    () =>
      spoilt("AWS::S3::Bucket", /^Media/, (bucket) => delete bucket.PublicAccessBlockConfiguration),
  ],
  [
    "nothingIsPublic",
    "a bucket policy for everybody",
    () =>
      enlarged("AWS::S3::BucketPolicy", {
        PolicyDocument: {
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "s3:GetObject" }],
        },
      }),
  ],
  [
    "onlyListedRoutesAreOpen",
    "an open method",
    () =>
      spoilt("AWS::ApiGateway::Method", /videosGET/, (method) => {
        method.AuthorizationType = "NONE";
      }),
  ],
  [
    "onlyListedRoutesAreOpen",
    "an open method that changes something",
    () =>
      spoilt("AWS::ApiGateway::Method", /publicvideosvideoIdGET/, (method) => {
        method.HttpMethod = "DELETE";
      }),
  ],
  [
    "onlyListedRoutesAreOpen",
    "an open method that shares the limits of all",
    () =>
      spoilt("AWS::ApiGateway::Stage", /./, (stage) => {
        const settings = stage.MethodSettings;
        stage.MethodSettings = Array.isArray(settings) ? settings.slice(0, 1) : [];
      }),
  ],
  ["nothingIsPublic", "a function URL", () => enlarged("AWS::Lambda::Url", {})],
  [
    "nothingIsPublic",
    "a function that any API may invoke",
    () => spoilt("AWS::Lambda::Permission", /./, (permission) => delete permission.SourceArn),
  ],
  [
    "dataIsEncryptedAtRestAndOnTheWay",
    "a bucket that is not encrypted",
    () => spoilt("AWS::S3::Bucket", /^Web/, (bucket) => delete bucket.BucketEncryption),
  ],
  [
    "dataIsEncryptedAtRestAndOnTheWay",
    "a queue that is not encrypted",
    () => spoilt("AWS::SQS::Queue", /^Ingest/, (queue) => delete queue.SqsManagedSseEnabled),
  ],
  [
    "dataIsEncryptedAtRestAndOnTheWay",
    "a bucket whose policy does not mention TLS",
    () =>
      spoilt("AWS::S3::BucketPolicy", /^Source/, (policy) => {
        policy.PolicyDocument = { Statement: [] };
      }),
  ],
  [
    "dataIsEncryptedAtRestAndOnTheWay",
    "a topic whose policy does not mention TLS",
    () =>
      spoilt("AWS::SNS::TopicPolicy", /./, (policy) => {
        policy.PolicyDocument = { Statement: [] };
      }),
  ],
  [
    "dataIsEncryptedAtRestAndOnTheWay",
    "a database that is not encrypted",
    () => spoilt("AWS::RDS::DBCluster", /./, (cluster) => delete cluster.StorageEncrypted),
  ],
  [
    "everyFunctionStandsAlone",
    "two functions with one role",
    () => {
      const lease = apps.aws.templates
        .all("AWS::Lambda::Function")
        .find(({ id }) => id.startsWith("TranscodeLease"));
      return spoilt("AWS::Lambda::Function", /^TranscodeCommit/, (commit) => {
        commit.Role = lease?.properties.Role;
      });
    },
  ],
  [
    "everyFunctionRunsItsOwnCode",
    "two functions with one bundle",
    () => {
      const [first] = apps.aws.templates.all("AWS::Lambda::Function");
      return spoilt("AWS::Lambda::Function", /^TranscodeCommit/, (commit) => {
        commit.Code = first?.properties.Code;
      });
    },
  ],
  [
    "everyFunctionStandsAlone",
    "a function on another runtime",
    () =>
      spoilt("AWS::Lambda::Function", /./, (each) => {
        each.Runtime = "nodejs22.x";
      }),
  ],
  [
    "everyFunctionStandsAlone",
    "logs that nobody ever deletes",
    () => spoilt("AWS::Logs::LogGroup", /./, (logs) => delete logs.RetentionInDays),
  ],
  ...["Transcode", "PushTranscode", "PushAudio", "PushThumbnail", "PushMetadata"].flatMap((name) =>
    ["s3:GetObject", "rds-data:ExecuteStatement", "secretsmanager:GetSecretValue"].map(
      (action): [keyof typeof promises, string, () => Templates] => [
        "theEncoderHasNoRightOnAnyData",
        `an encoder, ${name}, that may ${action}`,
        () =>
          spoilt("AWS::IAM::Role", new RegExp(`^Transcode${name}Role`), (role) => {
            statementOf(role).push({ Effect: "Allow", Action: action, Resource: "arn:aws:x:::y" });
          }),
      ],
    ),
  ),
  [
    "theEncoderHasNoRightOnAnyData",
    "an encoder that may invoke another function",
    () =>
      spoilt("AWS::IAM::Role", /^TranscodeTranscodeRole/, (role) => {
        statementOf(role).push({
          Effect: "Allow",
          Action: "lambda:InvokeFunction",
          Resource: { "Fn::GetAtt": ["PlatformMigrate00000000", "Arn"] },
        });
      }),
  ],
  ...(["s3:GetObject", "sqs:SendMessage", "secretsmanager:GetSecretValue"] as const).map(
    (action): [keyof typeof promises, string, () => Templates] => [
      "whoReachesOutHoldsLittle",
      `a function that delivers webhooks and may ${action} on something else`,
      () =>
        spoilt("AWS::IAM::Role", /^WebhooksDeliverWebhooksRole/, (role) => {
          statementOf(role).push({ Effect: "Allow", Action: action, Resource: "arn:aws:x:::y" });
        }),
    ],
  ),
  [
    "nothingIsACustomResource",
    "a custom resource",
    () => enlarged("Custom::S3BucketNotifications", {}),
  ],
  [
    "signedMediaOnly",
    "media without a key group",
    () =>
      spoilt("AWS::CloudFront::Distribution", /./, (distribution) => {
        distribution.DistributionConfig = {
          ...configOf(distribution),
          CacheBehaviors: [{ PathPattern: "/videos/*" }],
        };
      }),
  ],
  [
    "grantsOpenWhatTheyName",
    "signed media whose requests no function sees",
    () =>
      spoilt("AWS::CloudFront::Distribution", /./, (distribution) => {
        distribution.DistributionConfig = {
          ...configOf(distribution),
          CacheBehaviors: signedBehaviors(distribution, () => []),
        };
      }),
  ],
  [
    "grantsOpenWhatTheyName",
    "signed media whose function runs when it is too late",
    () =>
      spoilt("AWS::CloudFront::Distribution", /./, (distribution) => {
        distribution.DistributionConfig = {
          ...configOf(distribution),
          CacheBehaviors: signedBehaviors(distribution, (associations) =>
            associations.map((each) => ({
              EventType: "viewer-response",
              FunctionARN: at(each, "FunctionARN") ?? null,
            })),
          ),
        };
      }),
  ],
  [
    "grantsOpenWhatTheyName",
    "a second signed behavior, without the function",
    () =>
      spoilt("AWS::CloudFront::Distribution", /./, (distribution) => {
        const config = configOf(distribution);
        distribution.DistributionConfig = {
          ...config,
          DefaultCacheBehavior: {
            TrustedKeyGroups: listOf(config.CacheBehaviors).flatMap((each) =>
              listOf(at(each, "TrustedKeyGroups")),
            ),
          },
        };
      }),
  ],
  [
    "grantsOpenWhatTheyName",
    "a function with other code",
    () =>
      spoilt("AWS::CloudFront::Function", /PlainMediaAddresses/, (each) => {
        each.FunctionCode = "function handler(event) { return event.request; }";
      }),
  ],
  [
    "grantsOpenWhatTheyName",
    "a function that is not published",
    () =>
      spoilt("AWS::CloudFront::Function", /PlainMediaAddresses/, (each) => delete each.AutoPublish),
  ],
  [
    "linksAreChecked",
    "links that another function checks",
    () =>
      spoilt("AWS::CloudFront::Function", /PathTokenLinks/, (each) => {
        each.FunctionCode = "async function handler(event) { return event.request; }";
      }),
  ],
  [
    "linksAreChecked",
    "links that nothing can revoke",
    () =>
      spoilt("AWS::CloudFront::Function", /PathTokenLinks/, (each) => {
        each.FunctionConfig = { Comment: "", Runtime: "cloudfront-js-2.0" };
      }),
  ],
  [
    "linksAreChecked",
    "links whose answers any cache may keep",
    () =>
      spoilt("AWS::CloudFront::ResponseHeadersPolicy", /LinkHeaders/, (policy) => {
        policy.ResponseHeadersPolicyConfig = { Name: "any" };
      }),
  ],
  [
    "linksAreChecked",
    "one more way to the media, without a check",
    () =>
      spoilt("AWS::CloudFront::Distribution", /./, (distribution) => {
        const config = configOf(distribution);
        const media = listOf(config.CacheBehaviors).find((each) => at(each, "TrustedKeyGroups"));
        distribution.DistributionConfig = {
          ...config,
          DefaultCacheBehavior: { TargetOriginId: at(media, "TargetOriginId") ?? null },
        };
      }),
  ],
  ...[
    { ErrorCode: 404, ErrorCachingMinTTL: 0, ResponsePagePath: "/index.html", ResponseCode: 200 },
    { ErrorCode: 404, ErrorCachingMinTTL: 10 },
  ].map((response): [keyof typeof promises, string, () => Templates] => [
    "noErrorStays",
    `an error response ${JSON.stringify(response)}`,
    () =>
      spoilt("AWS::CloudFront::Distribution", /./, (distribution) => {
        const config = configOf(distribution);
        const others = listOf(config.CustomErrorResponses).filter(
          (each) => at(each, "ErrorCode") !== response.ErrorCode,
        );
        distribution.DistributionConfig = {
          ...config,
          CustomErrorResponses: [...others, response],
        };
      }),
  ]),
];

describe("a promise that is broken is noticed:", () => {
  it.each(planted)("%s finds %s", (name, _what, plant) => {
    // Prepare
    const templates = plant();

    // Act
    const violations = promises[name](templates);

    // Assess
    expect(violations).not.toEqual([]);
  });

  it("every promise has a planted violation", () => {
    expect(new Set(planted.map(([name]) => name))).toEqual(new Set(Object.keys(promises)));
  });
});
