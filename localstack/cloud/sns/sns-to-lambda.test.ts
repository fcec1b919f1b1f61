import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock.ts";
import { type Cloud, openCloud } from "../open-cloud.ts";
import { writeAssembly } from "../test-assembly.ts";

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

/** The shapes that CDK's Topic, LambdaSubscription and SqsDestination synthesize. */
const listens = (kind: string) => ({
  [`${kind}Function`]: {
    Type: "AWS::Lambda::Function",
    Properties: {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      // Told apart from the minutes that Lambda waits.
      Timeout: 7,
      Role: "arn:aws:iam::000000000000:role/r",
      Code: { S3Bucket: "assets", S3Key: "code.zip" },
    },
  },
  [`${kind}Config`]: {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: {
      FunctionName: { Ref: `${kind}Function` },
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
      DestinationConfig: {
        OnFailure: { Destination: arnOf("Failures") },
        OnSuccess: { Destination: arnOf("Successes") },
      },
    },
  },
  [`${kind}Permission`]: {
    Type: "AWS::Lambda::Permission",
    Properties: {
      Action: "lambda:InvokeFunction",
      FunctionName: arnOf(`${kind}Function`),
      Principal: "sns.amazonaws.com",
      SourceArn: { Ref: "Topic" },
    },
  },
  [`${kind}Subscription`]: {
    Type: "AWS::SNS::Subscription",
    Properties: {
      TopicArn: { Ref: "Topic" },
      Protocol: "lambda",
      Endpoint: arnOf(`${kind}Function`),
      FilterPolicy: { kind: [kind] },
      RedrivePolicy: { deadLetterTargetArn: arnOf("Failures") },
      Region: "us-east-1",
    },
  },
});

const template = {
  Resources: {
    Topic: { Type: "AWS::SNS::Topic", Properties: { DisplayName: "films" } },
    TopicPolicy: {
      Type: "AWS::SNS::TopicPolicy",
      Properties: {
        Topics: [{ Ref: "Topic" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "AllowPublishThroughSSLOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "sns:Publish",
              Resource: { Ref: "Topic" },
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        },
      },
    },
    Failures: { Type: "AWS::SQS::Queue", Properties: {} },
    Successes: { Type: "AWS::SQS::Queue", Properties: {} },
    FailuresPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "Failures" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "sns.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: arnOf("Failures"),
              Condition: { ArnEquals: { "aws:SourceArn": { Ref: "Topic" } } },
            },
          ],
        },
      },
    },
    ...listens("good"),
    ...listens("bad"),
  },
  Outputs: {
    Topic: { Value: { Ref: "Topic" } },
    Failures: { Value: { Ref: "Failures" } },
    Successes: { Value: { Ref: "Successes" } },
    BadSubscription: { Value: { Ref: "badSubscription" } },
  },
};

const code = `
  export const handler = async ({ Records: [{ Sns }] }) => {
    if (Sns.Message === "fail") throw new Error("asked to fail");
    return { heard: Sns.Message, kind: Sns.MessageAttributes.kind.Value };
  };`;

let cloud: Cloud;
let home: string;
afterEach(async () => {
  await cloud.close();
  rmSync(home, { recursive: true, force: true });
});

async function start() {
  home = mkdtempSync(path.join(tmpdir(), "sns-to-lambda-"));
  const assemblyDir = path.join(home, "cdk.out");
  writeAssembly(assemblyDir, { App: { template } }, { "code.zip": { "index.mjs": code } });
  const clock = new ManualClock(Date.now());
  cloud = await openCloud({ dataDir: path.join(home, "data"), port: 0, clock });
  const { outputs, inert } = await cloud.deploy({ assemblyDir });
  const client = {
    endpoint: cloud.endpoint,
    region: cloud.region,
    // A copy: the SDK writes into what it is given.
    credentials: { ...cloud.credentials },
    maxAttempts: 1,
  };
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  return {
    clock,
    /** How often the event that waits for another try has failed. */
    failures: () =>
      cloud.context.database.prepare("SELECT attempts FROM lambda_async_invocations").get()
        ?.attempts,
    inert,
    outputs: outputs.App ?? {},
    publish: (Message: string, kind: string) =>
      sns.send(
        new PublishCommand({
          TopicArn: outputs.App?.Topic,
          Message,
          MessageAttributes: { kind: { DataType: "String", StringValue: kind } },
        }),
      ),
    receive: async (QueueUrl: string | undefined): Promise<Message | undefined> => {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }),
      );
      return Messages?.[0];
    },
  };
}

describe("functions that subscribe to a topic as CDK has them do it", () => {
  it("get the messages of their kind", async () => {
    // Prepare
    const { publish, receive, outputs, inert } = await start();

    // Act
    await publish("hello", "good");
    const record = JSON.parse((await receive(outputs.Successes))?.Body ?? "");

    // Assess
    expect(inert).toEqual([]);
    expect(record).toMatchObject({
      requestContext: { condition: "Success", approximateInvokeCount: 1 },
      responsePayload: { heard: "hello", kind: "good" },
    });
  });

  it("are tried again by Lambda when they fail, and then leave a record at their destination", async () => {
    // Prepare
    const { clock, failures, publish, receive, outputs } = await start();

    // Act: Lambda waits one minute, then two
    const { MessageId } = await publish("fail", "bad");
    for (const [failed, ms] of [60_000, 120_000].entries()) {
      await vi.waitFor(() => expect(failures()).toBe(failed + 1), {
        timeout: 20_000,
        interval: 10,
      });
      clock.advance(ms);
    }
    const record = JSON.parse((await receive(outputs.Failures))?.Body ?? "");

    // Assess
    expect(record).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
      requestPayload: {
        Records: [
          {
            EventSource: "aws:sns",
            EventSubscriptionArn: outputs.BadSubscription,
            Sns: { MessageId, Message: "fail" },
          },
        ],
      },
      responsePayload: { errorMessage: "asked to fail" },
    });
  });
});
