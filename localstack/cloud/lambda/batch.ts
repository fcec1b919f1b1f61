import { z } from "zod";
import { digests, type ReceivedMessage, systemAttributes } from "../sqs/index.ts";
import { MAX_SYNC_PAYLOAD_BYTES } from "./limits.ts";

/** The event that an SQS mapping hands to its function: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function batchEvent(
  messages: readonly ReceivedMessage[],
  queueArn: string,
): { readonly Records: readonly object[] } {
  const [, , , awsRegion, senderId = ""] = queueArn.split(":");
  return {
    Records: messages.map((message) => {
      const md5 = digests(message.body, message.attributes);
      return {
        messageId: message.messageId,
        receiptHandle: message.receiptHandle,
        body: message.body,
        attributes: systemAttributes(message, senderId),
        messageAttributes: Object.fromEntries(
          Object.entries(message.attributes).map(([name, value]) => [
            name,
            {
              ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
              ...(value.BinaryValue !== undefined && { binaryValue: value.BinaryValue }),
              stringListValues: [],
              binaryListValues: [],
              dataType: value.DataType,
            },
          ]),
        ),
        md5OfBody: md5.body,
        ...(md5.attributes !== undefined && { md5OfMessageAttributes: md5.attributes }),
        eventSource: "aws:sqs",
        eventSourceARN: queueArn,
        awsRegion,
      };
    }),
  };
}

/** As many messages, from the first on, as one invocation can carry; at least one. */
export function fitting(messages: readonly ReceivedMessage[], queueArn: string): number {
  let bytes = '{"Records":[]}'.length;
  for (const [index, message] of messages.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(batchEvent([message], queueArn).Records[0])) + 1;
    if (bytes > MAX_SYNC_PAYLOAD_BYTES) return Math.max(1, index);
  }
  return messages.length;
}

export interface BatchVerdict {
  readonly succeeded: readonly ReceivedMessage[];
  readonly failed: readonly ReceivedMessage[];
}

const partialResponse = z.looseObject({
  batchItemFailures: z.array(z.looseObject({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * Which messages of a batch are done. A throw fails all; so does a partial response that cannot be
 * understood or names a message that was not in the batch
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting).
 */
export function judgeBatch(
  messages: readonly ReceivedMessage[],
  result: { readonly failed: boolean; readonly payload: Buffer },
  reportsItemFailures: boolean,
): BatchVerdict {
  const none: BatchVerdict = { succeeded: [], failed: messages };
  if (result.failed) return none;
  if (!reportsItemFailures) return { succeeded: messages, failed: [] };
  let response: unknown;
  try {
    response = JSON.parse(result.payload.toString("utf8"));
  } catch {
    return none;
  }
  if (response === null) return { succeeded: messages, failed: [] };
  const parsed = partialResponse.safeParse(response);
  if (!parsed.success) return none;
  const failures = new Set(
    (parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier),
  );
  const known = new Set(messages.map((message) => message.messageId));
  if ([...failures].some((id) => !known.has(id))) return none;
  return {
    succeeded: messages.filter((message) => !failures.has(message.messageId)),
    failed: messages.filter((message) => failures.has(message.messageId)),
  };
}
