import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { type Endpoint, openEndpoint } from "../http/index.ts";
import { createTestContext, signByClock, type TestContext } from "../testing.ts";
import { createSqsService, type SqsService } from "./index.ts";

const clock = new ManualClock();
let context: TestContext;
let service: SqsService;
let endpoint: Endpoint;
let sqs: SQSClient;

beforeAll(async () => {
  context = await createTestContext({ clock, endpoint: () => endpoint.url });
  service = createSqsService(context);
  endpoint = await openEndpoint({ ...context, host: "127.0.0.1", port: 0, services: [service] });
  sqs = new SQSClient({
    endpoint: endpoint.url,
    region: context.region,
    credentials: context.credentials,
    maxAttempts: 1,
  });
  signByClock(sqs, clock);
});

afterAll(async () => {
  sqs.destroy();
  await endpoint.close();
  await context.dispose();
});

let queues = 0;
async function makeQueue(Attributes: Record<string, string> = {}): Promise<string> {
  queues += 1;
  const made = await sqs.send(new CreateQueueCommand({ QueueName: `queue-${queues}`, Attributes }));
  return made.QueueUrl ?? "";
}

const send = (QueueUrl: string, MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

const receive = async (
  QueueUrl: string,
  options: Partial<ConstructorParameters<typeof ReceiveMessageCommand>[0]> = {},
) => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...options }))).Messages ?? [];

const arnOf = async (QueueUrl: string) =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] })))
    .Attributes?.QueueArn ?? "";

describe("SQS through its SDK", () => {
  it("gives back what was sent, with attributes whose digests the SDK checks", async () => {
    // Prepare
    const QueueUrl = await makeQueue();

    // Act
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "grüße 🎬",
        MessageAttributes: {
          kind: { DataType: "String", StringValue: "plan" },
          bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(1, 2, 255) },
          count: { DataType: "Number.int", StringValue: "7" },
        },
      }),
    );
    const [message] = await receive(QueueUrl, {
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });

    // Assess
    expect(message?.Body).toBe("grüße 🎬");
    expect(message?.MessageId).toBe(sent.MessageId);
    expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(message?.MessageAttributes?.bytes?.BinaryValue).toEqual(Uint8Array.of(1, 2, 255));
    expect(message?.Attributes).toMatchObject({
      ApproximateReceiveCount: "1",
      SentTimestamp: String(clock.now()),
      ApproximateFirstReceiveTimestamp: String(clock.now()),
    });
  });

  it("hides a received message for its visibility timeout, then delivers it again", async () => {
    // Prepare
    const QueueUrl = await makeQueue({ VisibilityTimeout: "10" });
    await send(QueueUrl, "once more");

    // Act
    const first = await receive(QueueUrl);
    const hidden = await receive(QueueUrl);
    clock.advance(10_000);
    const again = await receive(QueueUrl, { MessageSystemAttributeNames: ["All"] });

    // Assess
    expect(first).toHaveLength(1);
    expect(hidden).toHaveLength(0);
    expect(again[0]?.Attributes?.ApproximateReceiveCount).toBe("2");
  });

  it("wakes a long poll when a message is sent", async () => {
    // Prepare
    const QueueUrl = await makeQueue();

    // Act
    const polling = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await service.sendMessage(await arnOf(QueueUrl), "wake up");

    // Assess
    expect((await polling)[0]?.Body).toBe("wake up");
  });

  it("ends a long poll without messages when its time is over", async () => {
    // Prepare
    const QueueUrl = await makeQueue();
    const arn = await arnOf(QueueUrl);

    // Act: a poll of the service itself, since a request over HTTP cannot be seen to have arrived
    const polling = service.readable(arn, new AbortController().signal, 20_000);
    clock.advance(20_000);

    // Assess
    await expect(polling).resolves.toBeUndefined();
    expect(await receive(QueueUrl)).toEqual([]);
  });

  it("does not lose a message to a client that hung up while polling", async () => {
    // Prepare
    const QueueUrl = await makeQueue();
    const hangUp = new AbortController();
    const polling = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: hangUp.signal,
    });
    const arn = await arnOf(QueueUrl);
    hangUp.abort();
    await expect(polling).rejects.toThrow();

    // Act: the answer to another request shows that the hang-up was seen before it
    await arnOf(QueueUrl);
    await service.sendMessage(arn, "still here");

    // Assess
    expect((await receive(QueueUrl))[0]?.Body).toBe("still here");
  });

  it("moves a message to the dead-letter queue after maxReceiveCount, and back on request", async () => {
    // Prepare
    const dead = await makeQueue();
    const deadArn = await arnOf(dead);
    const QueueUrl = await makeQueue({
      VisibilityTimeout: "1",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 2 }),
    });
    await send(QueueUrl, "poison");

    // Act
    for (const _ of [1, 2]) {
      expect(await receive(QueueUrl)).toHaveLength(1);
      clock.advance(1000);
    }
    const third = await receive(QueueUrl);
    const [letter] = await receive(dead, {
      VisibilityTimeout: 0,
      MessageSystemAttributeNames: ["All"],
    });
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));

    // Assess
    expect(third).toEqual([]);
    expect(letter?.Body).toBe("poison");
    expect(letter?.Attributes?.DeadLetterQueueSourceArn).toBe(await arnOf(QueueUrl));
    expect(sources.queueUrls).toEqual([QueueUrl]);
    expect((await receive(QueueUrl))[0]?.Body).toBe("poison");
  });

  it("answers each entry of a batch by itself", async () => {
    // Prepare
    const QueueUrl = await makeQueue();

    // Act
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "good", MessageBody: "a" },
          { Id: "bad", MessageBody: "b", DelaySeconds: 901 },
          { Id: "late", MessageBody: "c", DelaySeconds: 5 },
        ],
      }),
    );
    const now = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    clock.advance(5000);
    const later = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "x", ReceiptHandle: now[0]?.ReceiptHandle },
          { Id: "y", ReceiptHandle: "nonsense" },
        ],
      }),
    );

    // Assess
    expect(sent.Successful?.map((entry) => entry.Id)).toEqual(["good", "late"]);
    expect(sent.Failed?.map((entry) => entry.Id)).toEqual(["bad"]);
    expect(now.map((message) => message.Body)).toEqual(["a"]);
    expect(later.map((message) => message.Body)).toEqual(["c"]);
    expect(deleted.Successful?.map((entry) => entry.Id)).toEqual(["x"]);
    expect(deleted.Failed?.[0]?.Code).toBe("ReceiptHandleIsInvalid");
  });

  it("changes the visibility of a message in flight and refuses one that is not", async () => {
    // Prepare
    const QueueUrl = await makeQueue({ VisibilityTimeout: "1" });
    await send(QueueUrl, "longer");
    const [message] = await receive(QueueUrl);
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );

    // Act
    await change(60);
    clock.advance(59_000);
    const hidden = await receive(QueueUrl);
    clock.advance(1000);

    // Assess
    expect(hidden).toEqual([]);
    await expect(change(1)).rejects.toMatchObject({ name: "MessageNotInflight" });
    expect(await receive(QueueUrl)).toHaveLength(1);
  });

  it("takes a message of 1 MiB and refuses one byte more", async () => {
    // Prepare
    const QueueUrl = await makeQueue();

    // Act
    await send(QueueUrl, "x".repeat(1_048_576));
    const tooLong = await send(QueueUrl, "x".repeat(1_048_577)).catch(String);

    // Assess
    expect(tooLong).toMatch(/shorter than 1048576 bytes/);
    expect((await receive(QueueUrl))[0]?.Body).toHaveLength(1_048_576);
  });

  it("counts, purges, lists by page and finds by name", async () => {
    // Prepare
    const QueueUrl = await makeQueue();
    await send(QueueUrl, "1");
    await send(QueueUrl, "2");
    await receive(QueueUrl);

    // Act
    const counted = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const page = await sqs.send(new ListQueuesCommand({ MaxResults: 1 }));
    const found = await sqs.send(new GetQueueUrlCommand({ QueueName: QueueUrl.split("/").at(-1) }));

    // Assess
    expect(counted.Attributes).toMatchObject({
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      VisibilityTimeout: "30",
    });
    expect(await receive(QueueUrl)).toEqual([]);
    expect(page.QueueUrls).toHaveLength(1);
    expect(page.NextToken).toBeDefined();
    expect(found.QueueUrl).toBe(QueueUrl);
  });

  it("knows a queue by the path of its URL, whatever the host", async () => {
    // Prepare
    const QueueUrl = await makeQueue();
    const elsewhere = QueueUrl.replace(endpoint.url, "https://sqs.us-east-1.amazonaws.com");

    // Act
    await service.sendMessage(await arnOf(elsewhere), "hello");
    const missing = await send(`${QueueUrl}-gone`, "hello").catch((error: unknown) => error);

    // Assess
    expect(await receive(elsewhere)).toHaveLength(1);
    expect(missing).toBeInstanceOf(QueueDoesNotExist);
  });

  it("says why it makes no FIFO queue and takes no unknown attribute", async () => {
    await expect(
      sqs.send(new CreateQueueCommand({ QueueName: "a.fifo", Attributes: { FifoQueue: "true" } })),
    ).rejects.toThrow(/standard queues only/);
    await expect(makeQueue({ VisibilityTimeout: "43201" })).rejects.toThrow(/VisibilityTimeout/);
  });

  it("deletes nothing by a receipt that a later delivery has replaced", async () => {
    // Prepare
    const QueueUrl = await makeQueue({ VisibilityTimeout: "1" });
    await send(QueueUrl, "slow");
    const [old] = await receive(QueueUrl);
    clock.advance(1000);
    const [current] = await receive(QueueUrl);

    // Act
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: old?.ReceiptHandle }));
    clock.advance(1000);

    // Assess
    const [again] = await receive(QueueUrl);
    expect(again?.MessageId).toBe(current?.MessageId);
  });
});
