import { Logger } from "@aws-lambda-powertools/logger";
import type { SNSEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { lambdaContext } from "../testing/api-event.ts";
import { snsHandler } from "./sns-handler.ts";

const logger = new Logger({ logLevel: "SILENT" });
const message = z.strictObject({ name: z.string() });

const notification = (Message: string): SNSEvent => ({
  Records: [
    {
      EventVersion: "1.0",
      EventSubscriptionArn: "arn:aws:sns:us-east-1:000000000000:topic:subscription",
      EventSource: "aws:sns",
      Sns: {
        ...{ Type: "Notification", MessageId: "m1", Subject: "", Message, Timestamp: "" },
        ...{ TopicArn: "arn:aws:sns:us-east-1:000000000000:topic", MessageAttributes: {} },
        ...{ SignatureVersion: "1", Signature: "", SigningCertUrl: "", UnsubscribeUrl: "" },
      },
    },
  ],
});

describe("snsHandler", () => {
  it("hands over what the notification says, with a signal that ends before the function", async () => {
    const seen: unknown[] = [];
    const handler = snsHandler({ logger, message }, async (given, { signal }) => {
      seen.push(given, signal.aborted);
    });
    await handler(notification('{"name":"a"}'), lambdaContext);
    expect(seen).toEqual([{ name: "a" }, false]);
  });

  it("fails with its consumer, so that Lambda tries again", async () => {
    const handler = snsHandler({ logger, message }, async () => {
      throw new Error("no");
    });
    await expect(handler(notification('{"name":"a"}'), lambdaContext)).rejects.toThrow("no");
  });

  it.each(["no json", '{"name":1}', '{"name":"a","x":1}'])("fails for %j", async (text) => {
    const handler = snsHandler({ logger, message }, async () => {});
    await expect(handler(notification(text), lambdaContext)).rejects.toThrow(/^The message is not/);
  });
});
