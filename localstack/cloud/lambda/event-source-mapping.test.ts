import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LambdaFixture, openLambda } from "./lambda-fixture.ts";

let cloud: LambdaFixture;
let notes: string;
beforeAll(async () => {
  cloud = await openLambda({ hostConcurrency: () => 20 });
  notes = mkdtempSync(path.join(tmpdir(), "cloud-notes-"));
  await cloud.service.start();
});
afterAll(async () => {
  await cloud.close();
  rmSync(notes, { recursive: true, force: true });
});

/** Writes one file per invocation, named by its order in time, so that tests see what ran. */
const noting = `
  import { writeFileSync } from "node:fs";
  const note = (kind, value) => writeFileSync(process.env.NOTES + "/" + kind + "-" + process.hrtime.bigint() + "-" + process.pid, JSON.stringify(value));
`;

let made = 0;
async function makeMapping(
  from: LambdaFixture,
  code: string,
  options: { queue?: object; mapping?: object; function?: object } = {},
) {
  made += 1;
  const name = `consumer-${made}`;
  const queue = await from.put("AWS::SQS::Queue", `source-${made}`, {
    VisibilityTimeout: 120,
    ...options.queue,
  });
  const directory = mkdtempSync(path.join(notes, "n-"));
  await from.makeFunction(name, noting + code, {
    Environment: { Variables: { NOTES: directory } },
    ...options.function,
  });
  await from.put("AWS::Lambda::EventSourceMapping", `mapping-${made}`, {
    FunctionName: name,
    EventSourceArn: queue.attributes.Arn,
    ...options.mapping,
  });
  return {
    id: `mapping-${made}`,
    directory,
    name,
    url: queue.physicalId,
    arn: queue.attributes.Arn ?? "",
    noted: (kind: string) =>
      readdirSync(directory)
        .filter((file) => file.startsWith(kind))
        .sort()
        .map((file) => JSON.parse(readFileSync(path.join(directory, file), "utf8"))),
  };
}

const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 });

async function counts(from: LambdaFixture, QueueUrl: string) {
  const { Attributes } = await from.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return [
    Number(Attributes?.ApproximateNumberOfMessages),
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
  ];
}

const sendAll = (from: LambdaFixture, QueueUrl: string, bodies: readonly string[]) =>
  from.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
    }),
  );

describe("an event source mapping", () => {
  it("hands messages over as AWS shapes them, and deletes them", async () => {
    // Prepare
    const { url, arn, noted } = await makeMapping(
      cloud,
      `export const handler = async (event) => note("event", event);`,
    );

    // Act
    await cloud.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: "hello",
        MessageAttributes: { kind: { DataType: "String", StringValue: "plan" } },
      }),
    );

    // Assess
    await eventually(async () => expect(await counts(cloud, url)).toEqual([0, 0]));
    const [event] = noted("event");
    expect(event.Records[0]).toMatchObject({
      body: "hello",
      eventSource: "aws:sqs",
      eventSourceARN: arn,
      awsRegion: "us-east-1",
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: { kind: { stringValue: "plan", dataType: "String" } },
      md5OfBody: "5d41402abc4b2a76b9719d911017c592",
    });
  });

  it("runs batches at once, up to MaximumConcurrency", async () => {
    // Prepare
    const { url, noted } = await makeMapping(
      cloud,
      `export const handler = async () => {
        note("begin", Date.now());
        await new Promise((resolve) => setTimeout(resolve, 400));
        note("end", Date.now());
      };`,
      { mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 3 } } },
    );

    // Act
    await sendAll(cloud, url, ["1", "2", "3", "4", "5", "6"]);
    await eventually(() => expect(noted("end")).toHaveLength(6));

    // Assess
    const begins: number[] = noted("begin");
    const ends: number[] = noted("end");
    const running = begins.map(
      (at) => begins.filter((it) => it <= at).length - ends.filter((it) => it < at).length,
    );
    expect(Math.max(...running)).toBe(3);
  });

  it("returns the messages that the function reports as failed, and only those", async () => {
    // Prepare
    const dead = await cloud.put("AWS::SQS::Queue", "dead-letters", {});
    const { url, noted } = await makeMapping(
      cloud,
      `export const handler = async ({ Records }) => {
        note("bodies", Records.map((it) => it.body));
        return { batchItemFailures: Records.filter((it) => it.body === "bad").map((it) => ({ itemIdentifier: it.messageId })) };
      };`,
      {
        function: { Timeout: 1 },
        queue: {
          VisibilityTimeout: 1,
          RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 2 },
        },
        mapping: { FunctionResponseTypes: ["ReportBatchItemFailures"] },
      },
    );

    // Act
    await sendAll(cloud, url, ["good", "bad", "fine"]);

    // Assess
    await eventually(async () => expect(await counts(cloud, dead.physicalId)).toEqual([1, 0]));
    expect(await counts(cloud, url)).toEqual([0, 0]);
    expect(noted("bodies").flat().sort()).toEqual(["bad", "bad", "fine", "good"]);
  });

  it("goes on after a crash", async () => {
    // Prepare
    const { url, noted } = await makeMapping(
      cloud,
      `export const handler = async ({ Records }) => {
        if (Records[0].body === "crash") process.abort();
        note("done", Records[0].body);
      };`,
      { mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } } },
    );

    // Act
    await sendAll(cloud, url, ["crash", "a", "crash", "b", "c"]);

    // Assess
    await eventually(() => expect(noted("done").sort()).toEqual(["a", "b", "c"]));
    await eventually(async () => expect(await counts(cloud, url)).toEqual([0, 2]));
  });

  it("gathers a batch for its window", async () => {
    // Prepare
    const { url, noted } = await makeMapping(
      cloud,
      `export const handler = async ({ Records }) => note("size", Records.length);`,
      { mapping: { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 } },
    );

    // Act
    await sendAll(cloud, url, ["1", "2"]);
    await sendAll(cloud, url, ["3", "4", "5"]);

    // Assess
    await eventually(() => expect(noted("size")).toEqual([5]));
  });

  it("splits what one invocation cannot carry", async () => {
    // Prepare
    const { id, name, arn, url, noted } = await makeMapping(
      cloud,
      `export const handler = async ({ Records }) => note("size", Records.length);`,
      { function: { MemorySize: 512 }, mapping: { Enabled: false } },
    );
    for (let count = 0; count < 7; count += 1) {
      await cloud.sqs.send(
        new SendMessageCommand({ QueueUrl: url, MessageBody: "x".repeat(1_000_000) }),
      );
    }

    // Act
    await cloud.put("AWS::Lambda::EventSourceMapping", id, {
      FunctionName: name,
      EventSourceArn: arn,
    });

    // Assess
    await eventually(() => expect(noted("size").sort()).toEqual([1, 6]));
  });

  it("is refused when the function may run longer than messages stay invisible", async () => {
    await expect(
      makeMapping(cloud, "export const handler = async () => {};", {
        queue: { VisibilityTimeout: 30 },
        function: { Timeout: 31 },
      }),
    ).rejects.toThrow(/visibility timeout: 30 seconds is less than Function timeout: 31 seconds/);
    await expect(
      makeMapping(cloud, "export const handler = async () => {};", {
        mapping: { FilterCriteria: { Filters: [] } },
      }),
    ).rejects.toThrow(/filters no events/);
  });

  it("is shown by the API", async () => {
    // Prepare
    const { id, arn, name } = await makeMapping(cloud, "export const handler = async () => {};");

    // Act
    const one = await cloud.lambda.send(new GetEventSourceMappingCommand({ UUID: id }));
    const ofQueue = await cloud.lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn: arn, FunctionName: name }),
    );

    // Assess
    expect(one).toMatchObject({ EventSourceArn: arn, State: "Enabled", BatchSize: 10 });
    expect(ofQueue.EventSourceMappings?.map((it) => it.UUID)).toEqual([id]);
  });
});

describe("a stop in the middle of the work", () => {
  it("gives messages back, so that the next start works on them at once", async () => {
    // Prepare
    const first = await openLambda({ graceMs: 1 });
    await first.service.start();
    const { url, directory, noted } = await makeMapping(
      first,
      `import { existsSync } from "node:fs";
      export const handler = async ({ Records }) => {
        note("begin", Records[0].attributes.ApproximateReceiveCount);
        if (existsSync(process.env.NOTES + "/hang")) await new Promise((resolve) => setTimeout(resolve, 60_000));
        note("end", Records[0].body);
      };`,
      { queue: { VisibilityTimeout: 43_200 } },
    );
    writeFileSync(path.join(directory, "hang"), "");
    await sendAll(first, url, ["work"]);
    await eventually(() => expect(noted("begin")).toHaveLength(1));

    // Act
    await first.close({ keep: true });
    rmSync(path.join(directory, "hang"));
    const second = await openLambda({ dataDir: first.dataDir });
    await second.service.start();

    // Assess
    await eventually(() => expect(noted("end")).toEqual(["work"]));
    expect(noted("begin")).toEqual(["1", "1"]);
    await second.close();
  });

  it("takes what fails while the cloud stops for its own fault: the next start tries it at once", async () => {
    // Prepare: a handler that fails as soon as the test lets it, which is after the stop began.
    const first = await openLambda({ graceMs: 10_000 });
    await first.service.start();
    const { directory, url, noted } = await makeMapping(
      first,
      `
        import { existsSync } from "node:fs";
        export const handler = async (event) => {
          const [{ messageId, attributes }] = event.Records;
          note("begin", attributes.ApproximateReceiveCount);
          if (!existsSync(process.env.NOTES + "/hang")) return note("end", "work");
          while (existsSync(process.env.NOTES + "/hang")) await new Promise((r) => setTimeout(r, 5));
          return { batchItemFailures: [{ itemIdentifier: messageId }] };
        };
      `,
      { mapping: { FunctionResponseTypes: ["ReportBatchItemFailures"] } },
    );
    writeFileSync(path.join(directory, "hang"), "");
    await first.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    await eventually(() => expect(noted("begin")).toEqual(["1"]));

    // Act
    const closing = first.close({ keep: true });
    rmSync(path.join(directory, "hang"));
    await closing;
    const second = await openLambda({ dataDir: first.dataDir });
    await second.service.start();

    // Assess
    await eventually(() => expect(noted("end")).toEqual(["work"]));
    expect(noted("begin")).toEqual(["1", "1"]);
    await second.close();
  });
});
