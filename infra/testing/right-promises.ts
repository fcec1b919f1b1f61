import {
  type AppPromise,
  at,
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
const resourcePolicies = ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"];

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
  ...templates
    .all("AWS::ApiGateway::Method")
    .filter(
      ({ properties }) => properties.AuthorizationType !== "CUSTOM" || !properties.AuthorizerId,
    )
    .map((method) => `${named(method)} does not ask the authorizer`),
  ...templates.all("AWS::Lambda::Url").map((url) => `${named(url)} is open to the internet`),
  ...templates
    .all("AWS::Lambda::Permission")
    .filter(({ properties }) => properties.Principal === "*" || !properties.SourceArn)
    .map((permission) => `${named(permission)} lets anybody invoke`),
];

/** What the encoder's role may do, and on what (docs/ARCHITECTURE.md, "Functions"). */
const encoderRights: Readonly<Record<string, readonly string[]>> = {
  "logs:CreateLogStream": ["TranscodeTranscodeLogs"],
  "logs:PutLogEvents": ["TranscodeTranscodeLogs"],
  "sqs:ReceiveMessage": ["TasksQueue"],
  "sqs:DeleteMessage": ["TasksQueue"],
  "sqs:GetQueueAttributes": ["TasksQueue"],
  "sqs:ChangeMessageVisibility": ["TasksQueue"],
  "lambda:InvokeFunction": ["TranscodeLease", "TranscodeCommit"],
};

const theEncoderHasNoRightOnAnyData: AppPromise = (templates) => {
  const encoders = templates
    .all("AWS::Lambda::Function")
    .filter(({ properties }) => at(properties.Environment, "Variables", "LEASE_FUNCTION"));
  if (encoders.length !== 1)
    return [`There are ${encoders.length} functions that lease tasks, not 1`];
  const role = encoders.map((each) => templates.follow(each.stack, each.properties.Role))[0];
  return grants(templates, identityPolicies)
    .filter(({ where }) => role && where === named(role))
    .flatMap(({ statement }) =>
      listOf(statement.Action).flatMap((action) => {
        const allowed = encoderRights[String(action)];
        if (!allowed) return [`The encoder may ${String(action)}`];
        return (
          listOf(statement.Resource)
            .map((resource) => templates.follow(role?.stack ?? "", resource)?.id)
            // Logical ids end in eight hexadecimal digits.
            .filter((id) => !id || !allowed.includes(id.slice(0, -8)))
            .map((id) => `The encoder may ${String(action)} on ${id ?? "something else"}`)
        );
      }),
    );
};

export const rightPromises = {
  noRightIsAWildcard,
  nothingIsPublic,
  theEncoderHasNoRightOnAnyData,
} as const;
