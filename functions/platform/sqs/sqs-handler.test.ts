import { Logger } from "@aws-lambda-powertools/logger";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { lambdaContext } from "../testing/api-event.ts";
import { ComeAgain, type SqsDelivery, sqsHandler } from "./sqs-handler.ts";

const logger = new Logger({ logLevel: "SILENT" });
const message = z.strictObject({ name: z.string() });
const redelivery = async () => {};

const record = (messageId: string, body: string): SQSRecord => ({
  messageId,
  receiptHandle: "receipt",
  body,
  attributes: {
    ApproximateReceiveCount: "2",
    SentTimestamp: "0",
    SenderId: "sender",
    ApproximateFirstReceiveTimestamp: "0",
  },
  messageAttributes: {},
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:queue",
  awsRegion: "us-east-1",
});
const batch = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, index) => record(`m${index}`, body)),
});

describe("sqsHandler", () => {
  it("keeps what failed and lets go what succeeded", async () => {
    // Prepare
    const seen: string[] = [];
    const handler = sqsHandler({ logger, message, redelivery }, async ({ name }) => {
      if (name === "bad") throw new Error("no");
      seen.push(name);
    });

    // Act
    const answer = await handler(
      batch('{"name":"a"}', '{"name":"bad"}', "no json", '{"name":"b","x":1}', '{"name":"c"}'),
      lambdaContext,
    );

    // Assess
    expect(seen).toEqual(["a", "c"]);
    expect(answer.batchItemFailures.map((failure) => failure.itemIdentifier)).toEqual([
      "m1",
      "m2",
      "m3",
    ]);
  });

  it("reports every message when all fail, instead of throwing", async () => {
    const handler = sqsHandler({ logger, message, redelivery }, async () => {});
    const answer = await handler(batch("1", "2"), lambdaContext);
    expect(answer.batchItemFailures).toHaveLength(2);
  });

  it("works on no more messages at a time than agreed", async () => {
    // Prepare
    let running = 0;
    let most = 0;
    const handler = sqsHandler({ logger, message, redelivery, concurrency: 2 }, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    });

    // Act
    await handler(batch(...Array.from({ length: 8 }, () => '{"name":"a"}')), lambdaContext);

    // Assess
    expect(most).toBe(2);
  });

  it("brings the next delivery of what failed forward, and of nothing else", async () => {
    // Prepare
    const asked: [string, number][] = [];
    const handler = sqsHandler(
      {
        logger,
        message,
        redelivery: async ({ messageId }, seconds) => void asked.push([messageId, seconds]),
      },
      async ({ name }) => {
        if (name === "bad") throw new Error("no");
      },
    );

    // Act
    await handler(batch('{"name":"a"}', '{"name":"bad"}'), lambdaContext);

    // Assess: the second delivery failed, so four to eight seconds.
    expect(asked).toEqual([["m1", expect.any(Number)]]);
    expect(asked[0]?.[1]).toBeGreaterThanOrEqual(4);
    expect(asked[0]?.[1]).toBeLessThanOrEqual(8);
  });

  it("brings a message again when its consumer says so", async () => {
    const asked: number[] = [];
    const handler = sqsHandler(
      { logger, message, redelivery: async (_, seconds) => void asked.push(seconds) },
      async () => Promise.reject(new ComeAgain("The receiver is away", 32_400)),
    );

    const answer = await handler(batch('{"name":"a"}'), lambdaContext);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m0" }]);
    expect(asked).toEqual([32_400]);
  });

  it("reports a failure even when its next delivery cannot be brought forward", async () => {
    const handler = sqsHandler(
      { logger, message, redelivery: () => Promise.reject(new Error("SQS is away")) },
      async () => Promise.reject(new Error("no")),
    );

    const answer = await handler(batch('{"name":"a"}'), lambdaContext);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m0" }]);
  });

  it("hands over the delivery and a logger that carries the correlation id", async () => {
    // Prepare
    const deliveries: SqsDelivery[] = [];
    const handler = sqsHandler(
      { logger, message, redelivery, correlationIdOf: ({ name }) => name },
      async (_, delivery) => void deliveries.push(delivery),
    );

    // Act
    await handler(batch('{"name":"abc"}'), lambdaContext);

    // Assess
    expect(deliveries[0]).toMatchObject({ messageId: "m0", receiveCount: 2 });
    expect(deliveries[0]?.signal.aborted).toBe(false);
    expect(deliveries[0]?.logger.getPersistentLogAttributes()).toMatchObject({ message_id: "m0" });
  });
});
