import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import pRetry from "p-retry";

/** SendMessageBatch takes this many. */
const messagesPerBatch = 10;
const retries = { retries: 4, minTimeout: 100, maxTimeout: 2_000, randomize: true };

/**
 * Sends every message, each at least once.
 *
 * @throws Error when SQS kept refusing; some of them may have been sent
 */
export const sendMessages = async (
  client: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
): Promise<void> => {
  for (let from = 0; from < bodies.length; from += messagesPerBatch) {
    let entries = bodies
      .slice(from, from + messagesPerBatch)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await pRetry(async () => {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
      );
      const failed = new Set(Failed.map(({ Id }) => Id));
      entries = entries.filter(({ Id }) => failed.has(Id));
      if (entries.length > 0) throw new Error(`SQS refused ${entries.length} messages.`);
    }, retries);
  }
};
