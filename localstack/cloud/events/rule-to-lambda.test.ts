import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, it, onTestFinished } from "vitest";
import { ManualClock } from "../clock.ts";
import { openCloud } from "../open-cloud.ts";
import { writeAssembly } from "../test-assembly.ts";

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

/** The shapes that CDK's Rule synthesizes with the targets LambdaFunction and SqsQueue. */
const template = {
  Resources: {
    Function: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Timeout: 60,
        Role: "arn:aws:iam::000000000000:role/r",
        Code: { S3Bucket: "assets", S3Key: "code.zip" },
      },
    },
    Config: {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: {
        FunctionName: { Ref: "Function" },
        Qualifier: "$LATEST",
        DestinationConfig: { OnSuccess: { Destination: arnOf("Done") } },
      },
    },
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        Action: "lambda:InvokeFunction",
        FunctionName: arnOf("Function"),
        Principal: "events.amazonaws.com",
        SourceArn: arnOf("Rule"),
      },
    },
    Done: { Type: "AWS::SQS::Queue", Properties: {} },
    Ticks: { Type: "AWS::SQS::Queue", Properties: {} },
    TicksPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "Ticks" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "events.amazonaws.com" },
              Action: ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
              Resource: arnOf("Ticks"),
              Condition: { ArnEquals: { "aws:SourceArn": arnOf("Rule") } },
            },
          ],
        },
      },
    },
    Rule: {
      Type: "AWS::Events::Rule",
      Properties: {
        ScheduleExpression: "rate(2 minutes)",
        State: "ENABLED",
        Targets: [
          {
            Id: "Target0",
            Arn: arnOf("Function"),
            DeadLetterConfig: { Arn: arnOf("Ticks") },
            RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 },
          },
          { Id: "Target1", Arn: arnOf("Ticks"), Input: '{"tick":true}' },
        ],
      },
    },
  },
  Outputs: {
    Rule: { Value: arnOf("Rule") },
    Done: { Value: { Ref: "Done" } },
    Ticks: { Value: { Ref: "Ticks" } },
  },
};

const code = "export const handler = async (event) => ({ heard: event.resources });";

it("a rule as CDK has it runs a function and fills a queue", async () => {
  // Prepare
  const home = mkdtempSync(path.join(tmpdir(), "rule-to-lambda-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const assemblyDir = path.join(home, "cdk.out");
  writeAssembly(assemblyDir, { App: { template } }, { "code.zip": { "index.mjs": code } });
  const clock = new ManualClock(Date.now());
  const cloud = await openCloud({ dataDir: path.join(home, "data"), port: 0, clock });
  onTestFinished(() => cloud.close());
  const { outputs, inert } = await cloud.deploy({ assemblyDir });
  const sqs = new SQSClient({
    endpoint: cloud.endpoint,
    region: cloud.region,
    // A copy: the SDK writes into what it is given.
    credentials: { ...cloud.credentials },
  });
  const receive = async (QueueUrl: string | undefined) => {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }),
    );
    return JSON.parse(Messages?.[0]?.Body ?? "");
  };

  // Act
  clock.advance(120_000);
  const tick = await receive(outputs.App?.Ticks);
  const done = await receive(outputs.App?.Done);

  // Assess
  expect(inert).toEqual([]);
  expect(tick).toEqual({ tick: true });
  expect(done).toMatchObject({
    requestPayload: { "detail-type": "Scheduled Event", resources: [outputs.App?.Rule] },
    responsePayload: { heard: [outputs.App?.Rule] },
  });
});
