import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PublishBatchCommand, PublishCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { AwsError } from "../aws-error.ts";
import { openSns, type SnsFixture, type SnsFixtureOptions } from "./sns-fixture.ts";

const opened: SnsFixture[] = [];
async function start(options: SnsFixtureOptions = {}): Promise<SnsFixture> {
  const cloud = await openSns(options);
  opened.push(cloud);
  return cloud;
}
afterEach(async () => {
  for (const cloud of opened.splice(0)) await cloud.close();
});

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:listens";
const raw = { RawMessageDelivery: "true" };
const publish = ({ sns }: SnsFixture, TopicArn: string, Message: string) =>
  sns.send(new PublishCommand({ TopicArn, Message }));
const rows = ({ context }: SnsFixture, table: "sns_messages" | "sns_deliveries") =>
  Number(context.database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);

/** A target that fails as often as asked, and counts. */
function failing(error: Error, times = Number.POSITIVE_INFINITY) {
  const target = {
    attempts: 0,
    async invokeAsync() {
      target.attempts += 1;
      if (target.attempts <= times) throw error;
    },
  };
  return target;
}

describe("a target that fails", () => {
  it("is tried again by the policy of SNS until it takes the message", async () => {
    // Prepare
    const functions = failing(new Error("the disk is full"), 5);
    const cloud = await start({ targets: { functions } });
    const topic = await cloud.makeTopic("topic");
    await cloud.subscribe(topic, functionArn);

    const schedule = vi.spyOn(cloud.clock, "schedule");

    // Act
    await publish(cloud, topic, "hello");
    for (const [retry, ms] of [0, 0, 0, 1000, 1000].entries()) {
      await expect.poll(() => schedule.mock.calls.length).toBe(retry + 1);
      expect(schedule.mock.calls[retry]?.[0]).toBe(ms);
      expect(functions.attempts).toBe(retry + 1);
      cloud.clock.advance(ms);
    }

    // Assess
    await expect.poll(() => rows(cloud, "sns_messages")).toBe(0);
    expect(functions.attempts).toBe(6);
  });

  it("for good, leaves the message in the dead-letter queue with the reason", async () => {
    // Prepare
    const functions = failing(new AwsError("ResourceNotFoundException", "No such function", 404));
    const cloud = await start({ targets: { functions } });
    const topic = await cloud.makeTopic("topic");
    const dead = await cloud.makeQueue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead });
    await cloud.subscribe(topic, functionArn, { RedrivePolicy });

    // Act
    const { MessageId } = await publish(cloud, topic, "hello");

    // Assess
    const [letter] = await cloud.receive(dead);
    expect(JSON.parse(letter?.body ?? "")).toMatchObject({ MessageId, Message: "hello" });
    expect(letter?.attributes).toEqual({
      RequestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ErrorCode: "ResourceNotFoundException",
      ErrorMessage: "No such function",
    });
    expect(functions.attempts).toBe(1);
  });

  it("for good and without a dead-letter queue drops the message, and that is said", async () => {
    // Prepare
    const cloud = await start();
    const topic = await cloud.makeTopic("topic");
    await cloud.subscribe(topic, "arn:aws:sqs:us-east-1:000000000000:nowhere");

    // Act
    await publish(cloud, topic, "hello");

    // Assess
    await expect.poll(() => rows(cloud, "sns_messages")).toBe(0);
    expect(cloud.log).toContain("An SNS message is dropped: it could not be delivered");
  });

  it("does not keep others waiting", async () => {
    // Prepare
    const functions = failing(new Error("the disk is full"));
    const cloud = await start({ targets: { functions } });
    const topic = await cloud.makeTopic("topic");
    await cloud.subscribe(topic, functionArn);
    const queue = await cloud.makeQueue("queue");
    await cloud.subscribe(topic, queue, raw);

    // Act
    await publish(cloud, topic, "hello");

    // Assess
    expect((await cloud.receive(queue))[0]?.body).toBe("hello");
    expect(rows(cloud, "sns_messages")).toBe(1);
  });
});

describe("what Publish accepted", () => {
  it("goes with the subscription that it was on its way to", async () => {
    // Prepare
    const cloud = await start({ start: false });
    const topic = await cloud.makeTopic("topic");
    const SubscriptionArn = await cloud.subscribe(topic, functionArn);
    await publish(cloud, topic, "hello");

    // Act
    await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));

    // Assess
    expect(rows(cloud, "sns_deliveries")).toBe(0);
    expect(rows(cloud, "sns_messages")).toBe(0);
  });

  it("is delivered after kill -9", async () => {
    // Prepare: a process of its own that takes messages and delivers none
    const dataDir = mkdtempSync(path.join(tmpdir(), "sns-crash-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { PublishBatchCommand } from "@aws-sdk/client-sns";
         import { openSns } from ${JSON.stringify(import.meta.resolve("./sns-fixture.ts"))};
         const cloud = await openSns({ dataDir: ${JSON.stringify(dataDir)}, start: false });
         const TopicArn = await cloud.makeTopic("topic");
         const queue = await cloud.makeQueue("queue");
         await cloud.subscribe(TopicArn, queue, { RawMessageDelivery: "true" });
         const PublishBatchRequestEntries = ["a", "b", "c"].map((Id) => ({ Id, Message: Id }));
         await cloud.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
         process.send({ queue });`,
      ],
      { stdio: ["ignore", "inherit", "inherit", "ipc"], cwd: import.meta.dirname },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    const [{ queue }] = await once(child, "message");

    // Act
    child.kill("SIGKILL");
    await once(child, "exit");

    // Assess
    const cloud = await start({ dataDir });
    await expect.poll(() => rows(cloud, "sns_deliveries")).toBe(0);
    const received = await cloud.receive(queue);
    expect(received.map(({ body }) => body).sort()).toEqual(["a", "b", "c"]);
  });
});

describe("delivery faults", () => {
  const drain = async (seed: number) => {
    const cloud = await start({ start: false });
    cloud.service.injectFaults({ seed, duplicateRate: 0.5, reorderRate: 0.5 });
    const topic = await cloud.makeTopic("topic");
    await cloud.subscribe(topic, functionArn);
    for (let tens = 0; tens < 4; tens += 1) {
      await cloud.sns.send(
        new PublishBatchCommand({
          TopicArn: topic,
          PublishBatchRequestEntries: Array.from({ length: 10 }, (_, index) => ({
            Id: `${index}`,
            Message: String(tens * 10 + index),
          })),
        }),
      );
    }
    await cloud.service.start();
    await expect
      .poll(() => {
        cloud.clock.advance(1000);
        return rows(cloud, "sns_deliveries");
      })
      .toBe(0);
    return cloud.invoked.map(({ event }) => Number(JSON.parse(event).Records[0].Sns.Message));
  };

  it("duplicate and reorder deliveries and lose none", async () => {
    // Act
    const order = await drain(7);

    // Assess
    expect(new Set(order).size).toBe(40);
    expect(order.length).toBeGreaterThan(45);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  });
});
