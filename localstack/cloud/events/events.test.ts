import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
  ResourceNotFoundException,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsError } from "../aws-error.ts";
import { ManualClock, systemClock } from "../clock.ts";
import { type Endpoint, openEndpoint } from "../http/index.ts";
import type { AwsService } from "../service.ts";
import { createSqsService, type SqsService } from "../sqs/index.ts";
import { createTestContext, type TestContext } from "../testing.ts";
import { createEventsService } from "./index.ts";

const minute = 60_000;
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:tick";

// Half a minute past, so that times of rates and of crons differ.
const start = Date.UTC(2026, 0, 1, 12, 0, 30);
let clock: ManualClock;
let context: TestContext;
let queues: SqsService;
let service: AwsService;
let endpoint: Endpoint;
let events: EventBridgeClient;
let sqs: SQSClient;
/** What functions were invoked with, in order. */
let invoked: string[];
/** Thrown instead, when there is one. */
let failure: Error | undefined;
let attempts: number;

function createService(): AwsService {
  return createEventsService(context, {
    queues,
    functions: {
      async invokeAsync(_arn, payload) {
        attempts += 1;
        if (failure) throw failure;
        invoked.push(Buffer.from(payload).toString());
      },
    },
  });
}

beforeEach(async () => {
  clock = new ManualClock(start);
  invoked = [];
  failure = undefined;
  attempts = 0;
  context = await createTestContext({ clock, endpoint: () => endpoint.url });
  queues = createSqsService(context);
  service = createService();
  endpoint = await openEndpoint({
    ...context,
    // The SDK signs by the machine's.
    clock: systemClock,
    host: "127.0.0.1",
    port: 0,
    services: [queues, service],
  });
  const client = {
    endpoint: endpoint.url,
    region: context.region,
    // A copy: the SDK writes into what it is given.
    credentials: { ...context.credentials },
    maxAttempts: 1,
  };
  events = new EventBridgeClient(client);
  sqs = new SQSClient(client);
  await service.start();
});
afterEach(async () => {
  await service.stop();
  events.destroy();
  sqs.destroy();
  await endpoint.close();
  await context.dispose();
});

const putRule = (Name: string, input: Partial<PutRuleCommandInput>) =>
  events.send(new PutRuleCommand({ Name, ...input }));
const putTargets = (Rule: string, ...Targets: Target[]) =>
  events.send(new PutTargetsCommand({ Rule, Targets }));
const makeRule = async (Name: string, ScheduleExpression: string, target: Partial<Target> = {}) => {
  await putRule(Name, { ScheduleExpression });
  await putTargets(Name, { Id: "one", Arn: functionArn, ...target });
};
const makeQueue = async (QueueName: string) => {
  await sqs.send(new CreateQueueCommand({ QueueName }));
  return `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
};
/** Lets what was begun by the clock come to its end. */
const settled = (runs: number) => expect.poll(() => invoked.length).toBe(runs);
const rows = () =>
  Number(context.database.prepare("SELECT count(*) AS n FROM events_deliveries").get()?.n);

describe("a rule", () => {
  it("invokes a function at its times with the event that AWS sends", async () => {
    // Prepare
    await makeRule("every-minute", "rate(1 minute)");

    // Act
    clock.advance(minute - 1);
    expect(attempts).toBe(0);
    clock.advance(1);
    await settled(1);
    clock.advance(minute);
    await settled(2);

    // Assess
    expect(invoked.map((event) => JSON.parse(event))).toMatchObject([
      {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account: "000000000000",
        time: "2026-01-01T12:01:30Z",
        region: "us-east-1",
        resources: ["arn:aws:events:us-east-1:000000000000:rule/every-minute"],
        detail: {},
      },
      { time: "2026-01-01T12:02:30Z" },
    ]);
    expect(rows()).toBe(0);
  });

  it("sends its constant input to every target, queues too, on the minute of its cron", async () => {
    // Prepare
    const queue = await makeQueue("ticks");
    await makeRule("on-the-minute", "cron(0/5 * * * ? *)", { Input: '{"sweep":true}' });
    await putTargets("on-the-minute", { Id: "two", Arn: queue, Input: '"tick"' });

    // Act
    clock.advance(4 * minute + 29_999);
    expect(attempts).toBe(0);
    clock.advance(1);
    await settled(1);
    await expect.poll(rows).toBe(0);

    // Assess
    expect(invoked).toEqual(['{"sweep":true}']);
    expect(queues.receive(queue, 10).map(({ body }) => body)).toEqual(['"tick"']);
  });

  it("runs while it is enabled, and counts anew when it is enabled again", async () => {
    // Prepare
    await makeRule("sometimes", "rate(1 minute)");

    // Act
    await events.send(new DisableRuleCommand({ Name: "sometimes" }));
    clock.advance(10 * minute + 10_000);
    await events.send(new EnableRuleCommand({ Name: "sometimes" }));
    clock.advance(minute - 1);
    expect(attempts).toBe(0);
    clock.advance(1);

    // Assess
    await settled(1);
  });

  it("takes a new schedule at once, and keeps its targets", async () => {
    // Prepare
    await makeRule("changing", "rate(1 day)");

    // Act
    await putRule("changing", { ScheduleExpression: "rate(2 minutes)" });
    clock.advance(2 * minute);

    // Assess
    await settled(1);
  });

  it("goes on counting when it is put again as it was", async () => {
    // Prepare
    await makeRule("steady", "rate(2 minutes)");
    clock.advance(minute);

    // Act
    await putRule("steady", { ScheduleExpression: "rate(2 minutes)" });
    clock.advance(minute);

    // Assess
    await settled(1);
  });

  it("waits longer than a timer of Node.js can", async () => {
    // Prepare
    await makeRule("monthly", "rate(40 days)");

    // Act
    for (let day = 0; day < 40; day += 1) clock.advance(24 * 60 * minute);

    // Assess
    await settled(1);
  });
});

describe("after a restart", () => {
  const restart = async (awayMs: number) => {
    await service.stop();
    clock.advance(awayMs);
    service = createService();
    await service.start();
  };

  it("times that passed are not made up for, and a rate goes on in its rhythm", async () => {
    // Prepare
    await makeRule("steady", "rate(5 minutes)");

    // Act
    await restart(12 * minute);
    expect(attempts).toBe(0);
    clock.advance(3 * minute);

    // Assess
    await settled(1);
    expect(JSON.parse(invoked[0] ?? "").time).toBe("2026-01-01T12:15:30Z");
  });

  it("a run that had begun is delivered", async () => {
    // Prepare: the target fails until the end
    await makeRule("steady", "rate(5 minutes)");
    failure = new Error("the disk is full");
    clock.advance(5 * minute);
    await expect.poll(() => attempts).toBe(1);

    // Act
    failure = undefined;
    await restart(minute);

    // Assess
    await settled(1);
    expect(JSON.parse(invoked[0] ?? "").time).toBe("2026-01-01T12:05:30Z");
  });
});

describe("a target that fails", () => {
  it("is tried again as often as its retry policy says, and then is a dead letter", async () => {
    // Prepare
    const dead = await makeQueue("dead");
    await makeRule("failing", "rate(1 day)", {
      Input: "{}",
      RetryPolicy: { MaximumRetryAttempts: 2 },
      DeadLetterConfig: { Arn: dead },
    });
    failure = new Error("the disk is full");

    // Act
    clock.advance(24 * 60 * minute);
    await expect
      .poll(() => {
        clock.advance(1000);
        return rows();
      })
      .toBe(0);

    // Assess
    expect(attempts).toBe(3);
    expect(queues.receive(dead, 10)).toMatchObject([
      {
        body: "{}",
        attributes: {
          RULE_ARN: { StringValue: "arn:aws:events:us-east-1:000000000000:rule/failing" },
          TARGET_ARN: { StringValue: functionArn },
          ERROR_CODE: { StringValue: "INTERNAL_ERROR" },
          ERROR_MESSAGE: { StringValue: "the disk is full" },
          RETRY_ATTEMPTS: { StringValue: "2" },
          EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumRetryAttempts" },
        },
      },
    ]);
  });

  it("for good is a dead letter at once", async () => {
    // Prepare
    const dead = await makeQueue("dead");
    await makeRule("failing", "rate(1 minute)", { DeadLetterConfig: { Arn: dead } });
    failure = new AwsError("ResourceNotFoundException", "Function not found", 404);

    // Act
    clock.advance(minute);
    await expect.poll(() => attempts).toBe(1);
    await expect.poll(rows).toBe(0);

    // Assess
    const [letter] = queues.receive(dead, 10);
    expect(letter?.attributes.ERROR_CODE?.StringValue).toBe("NO_RESOURCE");
    expect(letter?.attributes.EXHAUSTED_RETRY_CONDITION).toBeUndefined();
  });
});

describe("the API", () => {
  it("shows, lists and deletes rules and targets", async () => {
    // Prepare
    await makeRule("films-a", "rate(1 minute)");
    await makeRule("films-b", "cron(0 4 * * ? *)", { Input: '{"a":1}' });
    await putRule("other", { ScheduleExpression: "rate(1 day)", State: "DISABLED" });

    // Act
    const first = await events.send(new ListRulesCommand({ NamePrefix: "films", Limit: 1 }));
    const second = await events.send(
      new ListRulesCommand({ NamePrefix: "films", NextToken: first.NextToken }),
    );
    const other = await events.send(new DescribeRuleCommand({ Name: "other" }));
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: "films-b" }));
    const withTargets = await events.send(new DeleteRuleCommand({ Name: "films-b" })).catch(String);
    const removed = await events.send(
      new RemoveTargetsCommand({ Rule: "films-b", Ids: ["one", "none"] }),
    );
    await events.send(new DeleteRuleCommand({ Name: "films-b" }));

    // Assess
    expect(first.Rules).toMatchObject([{ Name: "films-a", ScheduleExpression: "rate(1 minute)" }]);
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(["films-b"]);
    expect(second.NextToken).toBeUndefined();
    expect(other).toMatchObject({
      Arn: "arn:aws:events:us-east-1:000000000000:rule/other",
      State: "DISABLED",
      EventBusName: "default",
    });
    expect(Targets).toEqual([{ Id: "one", Arn: functionArn, Input: '{"a":1}' }]);
    expect(withTargets).toMatch(/can't be deleted since it has targets/);
    expect(removed.FailedEntries).toMatchObject([{ TargetId: "none" }]);
    await expect(events.send(new DescribeRuleCommand({ Name: "films-b" }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  it.each([
    ["a pattern", { EventPattern: "{}", ScheduleExpression: "rate(1 day)" }, /schedule only/],
    ["no schedule", {}, /needs a schedule/],
    [
      "another bus",
      { EventBusName: "films", ScheduleExpression: "rate(1 day)" },
      /default event bus/,
    ],
    ["a wrong rate", { ScheduleExpression: "rate(1 days)" }, /ScheduleExpression is not valid/],
    ["a wrong cron", { ScheduleExpression: "cron(0 4 * * *)" }, /six fields, not 5/],
  ])("refuses a rule with %s", async (_title, input, reason) => {
    await expect(putRule("refused", input)).rejects.toThrow(reason);
  });

  it.each([
    ["a topic", { Arn: "arn:aws:sns:us-east-1:000000000000:t" }, /SQS queues and Lambda functions/],
    ["an input that is no JSON", { Input: "tick" }, /no JSON/],
    ["a path", { InputPath: "$.time" }, /the event whole, or a constant Input/],
    ["186 retries", { RetryPolicy: { MaximumRetryAttempts: 186 } }, /MaximumRetryAttempts/],
  ])("refuses a target that is or has %s", async (_title, target, reason) => {
    await putRule("rule", { ScheduleExpression: "rate(1 day)" });
    await expect(putTargets("rule", { Id: "one", Arn: functionArn, ...target })).rejects.toThrow(
      reason,
    );
  });

  it("refuses a sixth target", async () => {
    await putRule("rule", { ScheduleExpression: "rate(1 day)" });
    const targets = Array.from({ length: 6 }, (_, index) => ({
      Id: `t${index}`,
      Arn: functionArn,
    }));
    await expect(putTargets("rule", ...targets)).rejects.toThrow(/at most 5 targets/);
  });
});
