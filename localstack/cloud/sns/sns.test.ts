import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  type MessageAttributeValue,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSns, type SnsFixture } from "./sns-fixture.ts";

let cloud: SnsFixture;
beforeAll(async () => {
  cloud = await openSns();
});
afterAll(() => cloud.close());

let made = 0;
async function makePair(attributes: Record<string, string> = {}) {
  made += 1;
  const topic = await cloud.makeTopic(`topic-${made}`);
  const queue = await cloud.makeQueue(`queue-${made}`);
  const subscription = await cloud.subscribe(topic, queue, attributes);
  return { topic, queue, subscription };
}

const publish = (
  TopicArn: string,
  Message: string,
  MessageAttributes?: Record<string, MessageAttributeValue>,
) => cloud.sns.send(new PublishCommand({ TopicArn, Message, MessageAttributes }));

const text = (StringValue: string) => ({ DataType: "String", StringValue });
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

describe("a message that is published", () => {
  it("reaches a queue in AWS's envelope", async () => {
    // Prepare
    const { topic, queue, subscription } = await makePair();

    // Act
    const { MessageId } = await cloud.sns.send(
      new PublishCommand({
        TopicArn: topic,
        Subject: "a film",
        Message: "grüße 🎬 & <b>",
        MessageAttributes: {
          kind: text("plan"),
          bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(1, 2, 255) },
        },
      }),
    );

    // Assess
    const [message] = await cloud.receive(queue);
    expect(JSON.parse(message?.body ?? "")).toEqual({
      Type: "Notification",
      MessageId,
      TopicArn: topic,
      Subject: "a film",
      Message: "grüße 🎬 & <b>",
      Timestamp: new Date(cloud.clock.now()).toISOString(),
      SignatureVersion: "1",
      Signature: "unsigned",
      SigningCertURL: `${cloud.endpoint}/SimpleNotificationService-unsigned.pem`,
      UnsubscribeURL: `${cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
      MessageAttributes: {
        kind: { Type: "String", Value: "plan" },
        bytes: { Type: "Binary", Value: "AQL/" },
      },
    });
    expect(message?.attributes).toEqual({});
  });

  it("reaches a queue as it is, with its attributes, when delivery is raw", async () => {
    // Prepare
    const { topic, queue } = await makePair({ RawMessageDelivery: "true" });

    // Act
    await publish(topic, "as it is", { kind: text("plan") });

    // Assess
    expect(await cloud.receive(queue)).toEqual([
      { body: "as it is", attributes: { kind: "plan" } },
    ]);
  });

  it("reaches a function as the event that Lambda documents", async () => {
    // Prepare
    const topic = await cloud.makeTopic("to-function");
    const endpoint = functionArn("listens");
    const subscription = await cloud.subscribe(topic, endpoint);

    // Act
    const { MessageId } = await publish(topic, "hello", { kind: text("plan") });

    // Assess
    await expect.poll(() => cloud.invoked.filter(({ arn }) => arn === endpoint)).toHaveLength(1);
    const invoked = cloud.invoked.find(({ arn }) => arn === endpoint);
    expect(JSON.parse(invoked?.event ?? "")).toEqual({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: subscription,
          Sns: {
            Type: "Notification",
            MessageId,
            TopicArn: topic,
            Subject: null,
            Message: "hello",
            Timestamp: new Date(cloud.clock.now()).toISOString(),
            SignatureVersion: "1",
            Signature: "unsigned",
            SigningCertUrl: `${cloud.endpoint}/SimpleNotificationService-unsigned.pem`,
            UnsubscribeUrl: `${cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
            MessageAttributes: { kind: { Type: "String", Value: "plan" } },
          },
        },
      ],
    });
  });

  it("goes only to the subscriptions whose filter policies take it", async () => {
    // Prepare
    const topic = await cloud.makeTopic("filtered");
    const taking = async (name: string, attributes: Record<string, string>) => {
      const queue = await cloud.makeQueue(name);
      await cloud.subscribe(topic, queue, { RawMessageDelivery: "true", ...attributes });
      return queue;
    };
    const plans = await taking("plans", { FilterPolicy: '{"kind":["plan"]}' });
    const others = await taking("others", { FilterPolicy: '{"kind":[{"anything-but":"plan"}]}' });
    const long = await taking("long", {
      FilterPolicy: '{"film":{"minutes":[{"numeric":[">",60]}]}}',
      FilterPolicyScope: "MessageBody",
    });
    const all = await taking("all", {});

    // Act
    await publish(topic, '{"film":{"minutes":90}}', { kind: text("plan") });
    await publish(topic, '{"film":{"minutes":5}}', { kind: text("package") });
    await publish(topic, "no JSON");

    // Assess
    const bodies = async (queue: string) => (await cloud.receive(queue)).map(({ body }) => body);
    await expect.poll(async () => bodies(all)).toHaveLength(3);
    expect(await bodies(plans)).toEqual(['{"film":{"minutes":90}}']);
    expect(await bodies(others)).toEqual(['{"film":{"minutes":5}}']);
    expect(await bodies(long)).toEqual(['{"film":{"minutes":90}}']);
  });

  it("may hold a text for each protocol", async () => {
    // Prepare
    const { topic, queue } = await makePair({ RawMessageDelivery: "true" });
    const structured = (Message: string) =>
      cloud.sns.send(new PublishCommand({ TopicArn: topic, Message, MessageStructure: "json" }));

    // Act
    await structured('{"default":"for others","sqs":"for queues"}');
    const refusal = await structured('{"sqs":"for queues"}').catch(String);

    // Assess
    expect((await cloud.receive(queue))[0]?.body).toBe("for queues");
    expect(refusal).toMatch(/No default entry in JSON message body/);
  });

  it("is at most 256 KiB long, its attributes included", async () => {
    // Prepare
    const { topic, queue } = await makePair();

    // Act
    const whole = await publish(topic, "x".repeat(262_144 - 12), { kind: text("ab") });
    const tooLong = await publish(topic, "x".repeat(262_144 - 11), { kind: text("ab") }).catch(
      String,
    );

    // Assess
    expect(whole.MessageId).toBeDefined();
    expect(tooLong).toMatch(/Invalid parameter: Message too long/);
    expect(await cloud.receive(queue)).toHaveLength(1);
  });

  it.each([
    ["an empty message", { Message: "" }, /Empty message/],
    ["a subject of two lines", { Subject: "a\nb" }, /Subject/],
    ["a subject of 101 characters", { Subject: "x".repeat(101) }, /Subject/],
    [
      "an attribute without a value",
      { MessageAttributes: { kind: { DataType: "String" } } },
      /must contain non-empty message attribute value/,
    ],
    [
      "an attribute of no known type",
      { MessageAttributes: { kind: { DataType: "Text", StringValue: "a" } } },
      /set of supported type prefixes is Binary, Number, and String/,
    ],
    [
      "a number that is none",
      { MessageAttributes: { count: { DataType: "Number", StringValue: "many" } } },
      /Could not cast message attribute 'count' value to number/,
    ],
    ["a message group", { MessageGroupId: "a" }, /standard topics only/],
    ["a phone number", { PhoneNumber: "+4912345" }, /sends no text messages/],
  ])("is refused with %s", async (_title, input, reason) => {
    const { topic } = await makePair();
    await expect(
      cloud.sns.send(new PublishCommand({ TopicArn: topic, Message: "hello", ...input })),
    ).rejects.toThrow(reason);
  });
});

describe("a batch", () => {
  it("answers each entry by itself", async () => {
    // Prepare
    const { topic, queue } = await makePair({ RawMessageDelivery: "true" });

    // Act
    const { Successful, Failed } = await cloud.sns.send(
      new PublishBatchCommand({
        TopicArn: topic,
        PublishBatchRequestEntries: [
          { Id: "good", Message: "a", MessageAttributes: { kind: text("plan") } },
          { Id: "bad", Message: "b", Subject: "two\nlines" },
          { Id: "also", Message: "c" },
        ],
      }),
    );

    // Assess
    expect(Successful?.map(({ Id }) => Id)).toEqual(["good", "also"]);
    expect(Failed).toMatchObject([{ Id: "bad", Code: "InvalidParameter", SenderFault: true }]);
    const received = await cloud.receive(queue);
    expect(received.map(({ body }) => body).sort()).toEqual(["a", "c"]);
  });

  it.each([
    ["no entry", [], "EmptyBatchRequestException"],
    [
      "more than 10",
      Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, Message: "a" })),
      "TooManyEntriesInBatchRequestException",
    ],
    [
      "one Id twice",
      [
        { Id: "a", Message: "a" },
        { Id: "a", Message: "b" },
      ],
      "BatchEntryIdsNotDistinctException",
    ],
    [
      "more than 256 KiB together",
      [
        { Id: "a", Message: "x".repeat(200_000) },
        { Id: "b", Message: "x".repeat(100_000) },
      ],
      "BatchRequestTooLongException",
    ],
  ])("is refused with %s", async (_title, PublishBatchRequestEntries, name) => {
    const { topic } = await makePair();
    await expect(
      cloud.sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries })),
    ).rejects.toMatchObject({ name });
  });
});

describe("a topic", () => {
  it("is created once, changed, tagged, listed and deleted", async () => {
    // Prepare
    const TopicArn = await cloud.makeTopic("films", { DisplayName: "Films" });
    const attributes = async () =>
      (await cloud.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes;
    const tags = async () =>
      (await cloud.sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags;

    // Act and assess
    expect(await cloud.makeTopic("films")).toBe(TopicArn);
    await expect(cloud.makeTopic("films", { DisplayName: "Other" })).rejects.toThrow(
      /already exists with different attributes/,
    );
    await cloud.sns.send(
      new SetTopicAttributesCommand({
        TopicArn,
        AttributeName: "DisplayName",
        AttributeValue: "More films",
      }),
    );
    expect(await attributes()).toMatchObject({
      TopicArn,
      DisplayName: "More films",
      SubscriptionsConfirmed: "0",
    });
    const Tags = [
      { Key: "team", Value: "a & b" },
      { Key: "stage", Value: "" },
    ];
    await cloud.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags }));
    await cloud.sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ["stage"] }));
    expect(await tags()).toEqual([{ Key: "team", Value: "a & b" }]);
    const { Topics } = await cloud.sns.send(new ListTopicsCommand({}));
    expect(Topics).toContainEqual({ TopicArn });
    await cloud.sns.send(new DeleteTopicCommand({ TopicArn }));
    await expect(attributes()).rejects.toBeInstanceOf(NotFoundException);
    await expect(publish(TopicArn, "nobody")).rejects.toThrow("Topic does not exist");
  });

  it("is listed by pages of 100", async () => {
    // Prepare
    for (let index = 0; index < 101; index += 1) await cloud.makeTopic(`paged-${index}`);

    // Act
    const names = [];
    let NextToken: string | undefined;
    let pages = 0;
    do {
      const page = await cloud.sns.send(new ListTopicsCommand({ NextToken }));
      names.push(...(page.Topics ?? []).map(({ TopicArn }) => TopicArn));
      NextToken = page.NextToken;
      pages += 1;
    } while (NextToken !== undefined);

    // Assess
    expect(pages).toBeGreaterThan(1);
    expect(names.filter((arn) => arn?.includes(":paged-"))).toHaveLength(101);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ["a FIFO name", { Name: "a.fifo" }, /standard topics only/],
    ["FifoTopic", { Name: "a", Attributes: { FifoTopic: "true" } }, /standard topics only/],
    ["a name with blanks", { Name: "a b" }, /Topic Name/],
    ["an unknown attribute", { Name: "a", Attributes: { Colour: "red" } }, /Colour is not one of/],
    ["a policy that is none", { Name: "a", Attributes: { Policy: "{}" } }, /Policy is not valid/],
  ])("is refused with %s", async (_title, input, reason) => {
    await expect(cloud.sns.send(new CreateTopicCommand(input))).rejects.toThrow(reason);
  });
});

describe("a subscription", () => {
  it("is made once, shown, changed and ended", async () => {
    // Prepare
    const { topic, queue, subscription: SubscriptionArn } = await makePair();
    const attributes = async () =>
      (await cloud.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
    const listed = async () =>
      (await cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic })))
        .Subscriptions;

    // Act and assess
    expect(await cloud.subscribe(topic, queue)).toBe(SubscriptionArn);
    const shown = {
      SubscriptionArn,
      TopicArn: topic,
      Protocol: "sqs",
      Endpoint: queue,
      Owner: "000000000000",
    };
    expect(await listed()).toEqual([shown]);
    const everywhere = await cloud.sns.send(new ListSubscriptionsCommand({}));
    expect(everywhere.Subscriptions).toContainEqual(shown);
    await cloud.sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: "FilterPolicy",
        AttributeValue: '{"kind":["plan"]}',
      }),
    );
    expect(await attributes()).toMatchObject({
      ...shown,
      FilterPolicy: '{"kind":["plan"]}',
      FilterPolicyScope: "MessageAttributes",
      RawMessageDelivery: "false",
      PendingConfirmation: "false",
    });
    await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(await listed()).toEqual([]);
    await expect(attributes()).rejects.toThrow("Subscription does not exist");
  });

  it.each([
    ["http", "http://127.0.0.1/", {}, /delivers to sqs and lambda only, not to http/],
    ["email", "a@example.com", {}, /not to email/],
    ["carrier-pigeon", "x", {}, /Does not support this protocol string/],
    ["sqs", "http://127.0.0.1/queue", {}, /SQS endpoint ARN/],
    ["lambda", functionArn("f"), { RawMessageDelivery: "true" }, /does not support raw message/],
    ["lambda", functionArn("f"), { RawMessageDelivery: "yes" }, /Must be true or false/],
    ["lambda", functionArn("f"), { FilterPolicyScope: "Body" }, /MessageBody or MessageAttributes/],
    ["lambda", functionArn("f"), { DeliveryPolicy: "{}" }, /DeliveryPolicy is not one of/],
    [
      "lambda",
      functionArn("f"),
      { RedrivePolicy: '{"deadLetterTargetArn":"nowhere"}' },
      /deadLetterTargetArn is an invalid arn/,
    ],
    [
      "lambda",
      functionArn("f"),
      { FilterPolicy: '{"a":[{"like":"b"}]}' },
      /Attributes Reason: FilterPolicy: Unrecognized match type like/,
    ],
  ])("to %s %s with %j is refused", async (Protocol, Endpoint, Attributes, reason) => {
    const TopicArn = await cloud.makeTopic("refusing");
    await expect(
      cloud.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes })),
    ).rejects.toThrow(reason);
  });
});

describe("a request", () => {
  it("that is not signed is refused", async () => {
    const answer = await fetch(cloud.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sns/aws4_request",
      },
      body: "Action=ListTopics",
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).toMatch(/^<\?xml.*\n<ErrorResponse><Error><Type>Sender<\/Type>/);
  });
});
