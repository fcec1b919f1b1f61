import {
  type AppPromise,
  at,
  type FoundResource,
  listOf,
  named,
  type Templates,
  type Value,
} from "./templates.ts";
import { startedByTopics } from "./topic-promises.ts";

const isEverybody = (principal: Value | undefined) =>
  principal === "*" || at(principal, "AWS") === "*";

/** Whether a resource policy of `stack` refuses plain HTTP for the resource it is attached to. */
function refusesPlainHttp(templates: Templates, policy: FoundResource): boolean {
  return listOf(at(policy.properties.PolicyDocument, "Statement")).some(
    (statement) =>
      at(statement, "Effect") === "Deny" &&
      at(statement, "Condition", "Bool", "aws:SecureTransport") === "false" &&
      isEverybody(at(statement, "Principal")) &&
      listOf(at(statement, "Resource")).some((each) => templates.follow(policy.stack, each)),
  );
}

const dataIsEncryptedAtRestAndOnTheWay: AppPromise = (templates) => {
  const overTls = new Set(
    [
      ...templates
        .all("AWS::S3::BucketPolicy")
        .map((policy) => ({ policy, attached: [policy.properties.Bucket] })),
      ...templates
        .all("AWS::SQS::QueuePolicy")
        .map((policy) => ({ policy, attached: listOf(policy.properties.Queues) })),
      ...templates
        .all("AWS::SNS::TopicPolicy")
        .map((policy) => ({ policy, attached: listOf(policy.properties.Topics) })),
    ]
      .filter(({ policy }) => refusesPlainHttp(templates, policy))
      .flatMap(({ policy, attached }) =>
        attached.flatMap((each) => {
          const resource = templates.follow(policy.stack, each);
          return resource ? [named(resource)] : [];
        }),
      ),
  );
  const buckets = templates.all("AWS::S3::Bucket");
  const queues = templates.all("AWS::SQS::Queue");
  return [
    ...buckets
      .filter(
        ({ properties }) =>
          at(
            properties.BucketEncryption,
            "ServerSideEncryptionConfiguration",
            0,
            "ServerSideEncryptionByDefault",
            "SSEAlgorithm",
          ) !== "AES256",
      )
      .map((bucket) => `${named(bucket)} is not encrypted`),
    ...queues
      .filter(({ properties }) => properties.SqsManagedSseEnabled !== true)
      .map((queue) => `${named(queue)} is not encrypted`),
    ...templates
      .all("AWS::RDS::DBCluster")
      .filter(({ properties }) => properties.StorageEncrypted !== true)
      .map((cluster) => `${named(cluster)} is not encrypted`),
    ...[...buckets, ...queues, ...templates.all("AWS::SNS::Topic")]
      .filter((resource) => !overTls.has(named(resource)))
      .map((resource) => `${named(resource)} takes plain HTTP`),
  ];
};

const everyFunctionStandsAlone: AppPromise = (templates) => {
  const roles = new Map<string, string>();
  return templates.all("AWS::Lambda::Function").flatMap((each) => {
    const violations: string[] = [];
    const role = templates.follow(each.stack, each.properties.Role);
    const owner = role && roles.get(named(role));
    if (!role) violations.push(`${named(each)} has no role of this app`);
    else if (owner) violations.push(`${named(each)} shares its role with ${owner}`);
    else roles.set(named(role), named(each));

    if (each.properties.Runtime !== "nodejs24.x") {
      violations.push(`${named(each)} does not run on Node 24`);
    }
    const logs = templates.follow(each.stack, at(each.properties.LoggingConfig, "LogGroup"));
    if (typeof logs?.properties.RetentionInDays !== "number") {
      violations.push(`${named(each)} keeps its logs for ever`);
    }
    return violations;
  });
};

/** Only workers of one topic share it: they differ in what they are given, and in size. */
const everyFunctionRunsItsOwnCode: AppPromise = (templates) => {
  const workers = new Set(startedByTopics(templates).map(named));
  const owners = new Map<string, string>();
  return templates.all("AWS::Lambda::Function").flatMap((each) => {
    const code = JSON.stringify(each.properties.Code);
    const owner = owners.get(code);
    owners.set(code, named(each));
    if (!owner || (workers.has(owner) && workers.has(named(each)))) return [];
    return [`${named(each)} runs the code of ${owner}`];
  });
};

const nothingIsACustomResource: AppPromise = (templates) =>
  templates
    .all()
    .filter(({ type }) => type.startsWith("Custom::") || type.endsWith("::CustomResource"))
    .map((resource) => `${named(resource)} is a custom resource (${resource.type})`);

export const resourcePromises = {
  dataIsEncryptedAtRestAndOnTheWay,
  everyFunctionStandsAlone,
  everyFunctionRunsItsOwnCode,
  nothingIsACustomResource,
} as const;
