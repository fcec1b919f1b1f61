import { ChangeMessageVisibilityCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";

/** Says when a message that failed comes again. */
export type Redelivery = (record: SQSRecord, delaySeconds: number) => Promise<void>;

const firstDelaySeconds = 4;
const longestDelaySeconds = 300;

/**
 * Wait before the next delivery: doubles with each, and is spread so that what failed together does
 * not come back together. Without it a message waits out the visibility timeout, which is six times
 * the function's own (AWS: "Using Lambda with Amazon SQS") and so an hour for a transcode task.
 *
 * @param receiveCount deliveries so far, from 1
 * @param random in [0, 1)
 */
export function redeliveryDelay(receiveCount: number, random: number): number {
  const ceiling = Math.min(firstDelaySeconds * 2 ** (receiveCount - 1), longestDelaySeconds);
  return Math.ceil(ceiling / 2 + (ceiling / 2) * random);
}

/** By shortening the visibility of the failed message at its queue. */
export function sqsRedelivery(
  client = new SQSClient({ useQueueUrlAsEndpoint: false }),
): Redelivery {
  return async (record, delaySeconds) => {
    const [, , , region = "", account = "", queue = ""] = record.eventSourceARN.split(":");
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${queue}`,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: delaySeconds,
      }),
    );
  };
}
