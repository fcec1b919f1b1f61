import {
  type AppPromise,
  at,
  type FoundResource,
  isObject,
  listOf,
  named,
  type Templates,
  type Value,
} from "./templates.ts";

/** A statement that gives rights, with where it stands. */
interface Grant {
  readonly where: string;
  readonly statement: { [key: string]: Value };
}

function grants(templates: Templates, types: readonly string[]): Grant[] {
  return templates
    .all()
    .filter(({ type }) => types.includes(type))
    .flatMap((resource) => {
      const documents = [
        at(resource.properties, "PolicyDocument"),
        ...listOf(resource.properties.Policies).map((policy) => at(policy, "PolicyDocument")),
      ];
      return documents.flatMap((document) =>
        listOf(at(document, "Statement")).flatMap((statement) =>
          isObject(statement) && statement.Effect === "Allow"
            ? [{ where: named(resource), statement }]
            : [],
        ),
      );
    });
}

const identityPolicies = ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"];
const resourcePolicies = [
  "AWS::S3::BucketPolicy",
  "AWS::SQS::QueuePolicy",
  "AWS::SNS::TopicPolicy",
];

const noRightIsAWildcard: AppPromise = (templates) => [
  ...grants(templates, [...identityPolicies, ...resourcePolicies]).flatMap(
    ({ where, statement }) => [
      ...(statement.NotAction || statement.NotResource
        ? [`${where} allows everything but what it names`]
        : []),
      ...listOf(statement.Action)
        .filter((action) => typeof action !== "string" || action.includes("*"))
        .map((action) => `${where} allows the actions ${JSON.stringify(action)}`),
      ...listOf(statement.Resource)
        .filter((resource) => resource === "*")
        .map(() => `${where} allows an action on every resource`),
    ],
  ),
  ...templates
    .all("AWS::IAM::Role")
    .filter(({ properties }) => listOf(properties.ManagedPolicyArns).length > 0)
    .map((role) => `${named(role)} takes rights from a policy that somebody else may widen`),
];

/** What anybody may ask, and no more than this; docs/decisions/0009. */
const openRoutes = ["/public/videos/{videoId}", "/public/videos/{videoId}/master.m3u8"];

function routeOf(templates: Templates, stack: string, resource: Value | undefined): string {
  const { properties } = templates.follow(stack, resource) ?? {};
  return properties?.PathPart
    ? `${routeOf(templates, stack, properties.ParentId)}/${String(properties.PathPart)}`
    : "";
}

/** Each has limits of its own, so that nobody without a token takes the API from those who have one. */
const onlyListedRoutesAreOpen: AppPromise = (templates) => {
  const limitOf = (route: string) =>
    templates
      .all("AWS::ApiGateway::Stage")
      .flatMap(({ properties }) => listOf(properties.MethodSettings))
      .find((setting) => {
        const written = String(at(setting, "ResourcePath")).replaceAll("~1", "/");
        return at(setting, "HttpMethod") === "GET" && `/${written.replace(/^\/+/, "")}` === route;
      });
  return templates
    .all("AWS::ApiGateway::Method")
    .filter(
      ({ properties }) => properties.AuthorizationType !== "CUSTOM" || !properties.AuthorizerId,
    )
    .flatMap((method) => {
      const route = routeOf(templates, method.stack, method.properties.ResourceId);
      const limit = at(limitOf(route), "ThrottlingRateLimit");
      return [
        ...(openRoutes.includes(route) && method.properties.HttpMethod === "GET"
          ? []
          : [`${named(method)} does not ask the authorizer`]),
        ...(typeof limit === "number" && limit <= 200
          ? []
          : [`${named(method)} is open without a limit of its own`]),
      ];
    });
};

const nothingIsPublic: AppPromise = (templates) => [
  ...templates
    .all("AWS::S3::Bucket")
    .filter(({ properties: { PublicAccessBlockConfiguration: block } }) =>
      ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"].some(
        (member) => at(block, member) !== true,
      ),
    )
    .map((bucket) => `${named(bucket)} may become public`),
  ...grants(templates, resourcePolicies)
    .filter(({ statement: { Principal: who } }) => who === "*" || at(who, "AWS") === "*")
    .map(({ where }) => `${where} allows everybody`),
  ...templates.all("AWS::Lambda::Url").map((url) => `${named(url)} is open to the internet`),
  ...templates
    .all("AWS::Lambda::Permission")
    .filter(({ properties }) => properties.Principal === "*" || !properties.SourceArn)
    .map((permission) => `${named(permission)} lets anybody invoke`),
];

/** What a role may do, and on which resources and parameters. */
type Rights = Readonly<Record<string, readonly string[]>>;

const consuming = (queue: string): Rights => ({
  "sqs:ReceiveMessage": [queue],
  "sqs:DeleteMessage": [queue],
  "sqs:GetQueueAttributes": [queue],
  "sqs:ChangeMessageVisibility": [queue],
});

/** What every encoder's role may do, and on what (docs/ARCHITECTURE.md, "Functions"). */
const everyEncoderMay = { "lambda:InvokeFunction": ["TranscodeLease", "TranscodeCommit"] };
const pullingEncoderMay = { ...everyEncoderMay, ...consuming("TasksQueue") };
/** Lambda sends the record of a failure with the function's own rights. */
const pushedEncoderMay = { ...everyEncoderMay, "sqs:SendMessage": ["FailedTasksQueue"] };

const encoders: Readonly<Record<string, Rights>> = {
  Transcode: pullingEncoderMay,
  TranscodePushTranscode: pushedEncoderMay,
  TranscodePushAudio: pushedEncoderMay,
  TranscodePushThumbnail: pushedEncoderMay,
  TranscodePushMetadata: pushedEncoderMay,
};

/** Logical ids end in eight hexadecimal digits. */
const nameOf = ({ id }: FoundResource) => id.slice(0, -8);

const theEncoderHasNoRightOnAnyData: AppPromise = (templates) => {
  const found = templates
    .all("AWS::Lambda::Function")
    .filter(({ properties }) => at(properties.Environment, "Variables", "LEASE_FUNCTION"));
  const missing = Object.keys(encoders).filter((name) => !found.some((it) => nameOf(it) === name));
  return [
    ...missing.map((name) => `${name} does not lease tasks`),
    ...found.flatMap((encoder) => {
      const rights = encoders[nameOf(encoder)];
      return rights
        ? rightsBeyond(rights, encoder, templates)
        : [`${nameOf(encoder)} leases tasks, and nobody said what else it may`];
    }),
  ];
};

const databaseCluster = ["DatabaseCluster", "DatabaseClusterArn"];
const databaseSecret = ["DatabaseClusterSecretAttachment", "DatabaseSecretArn"];

/** It sends requests to addresses that strangers chose. */
const delivererMay: Rights = {
  ...consuming("WebhooksQueue"),
  "sqs:SendMessage": ["WebhooksDeadLetterQueue"],
  "secretsmanager:GetSecretValue": [...databaseSecret, "WebhookKeysSecretArn"],
  "rds-data:ExecuteStatement": databaseCluster,
  "rds-data:BatchExecuteStatement": databaseCluster,
  "rds-data:BeginTransaction": databaseCluster,
  "rds-data:CommitTransaction": databaseCluster,
  "rds-data:RollbackTransaction": databaseCluster,
};

const whoReachesOutHoldsLittle: AppPromise = (templates) => {
  const deliverers = templates
    .all("AWS::Lambda::Function")
    .filter(({ properties }) =>
      at(properties.Environment, "Variables", "WEBHOOK_DEAD_LETTER_QUEUE_URL"),
    );
  if (deliverers.length !== 1) return [`${deliverers.length} functions deliver webhooks, not 1`];
  return deliverers.flatMap((deliverer) => rightsBeyond(delivererMay, deliverer, templates));
};

/** The resource or parameter that a right is about; an ARN may be joined of parts. */
function namedBy(templates: Templates, stack: string, value: Value): string {
  const found = [value, ...listOf(at(value, "Fn::Join", 1))]
    .map((part) => templates.follow(stack, part))
    .find((resource) => resource !== undefined);
  return found ? nameOf(found) : String(at(value, "Ref") ?? "something else");
}

function rightsBeyond(rights: Rights, owner: FoundResource, templates: Templates): string[] {
  const name = nameOf(owner);
  const role = templates.follow(owner.stack, owner.properties.Role);
  const logs = templates.follow(owner.stack, at(owner.properties.LoggingConfig, "LogGroup"));
  return grants(templates, identityPolicies)
    .filter(({ where }) => role && where === named(role))
    .flatMap(({ statement }) =>
      listOf(statement.Action).flatMap((action) => {
        const ownLogs = logs && String(action).startsWith("logs:") ? [nameOf(logs)] : undefined;
        const allowed = rights[String(action)] ?? ownLogs;
        if (!allowed) return [`${name} may ${String(action)}`];
        return listOf(statement.Resource)
          .map((resource) => namedBy(templates, owner.stack, resource))
          .filter((resource) => !allowed.includes(resource))
          .map((resource) => `${name} may ${String(action)} on ${resource}`);
      }),
    );
}

export const rightPromises = {
  noRightIsAWildcard,
  nothingIsPublic,
  onlyListedRoutesAreOpen,
  theEncoderHasNoRightOnAnyData,
  whoReachesOutHoldsLittle,
} as const;
