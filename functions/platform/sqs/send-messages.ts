import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { sendInBatches } from "../messages/send-in-batches.ts";

/**
 * Sends every message, each at least once.
 *
 * @throws Error when SQS kept refusing; some of them may have been sent
 */
export const sendMessages = (
  client: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
): Promise<void> =>
  sendInBatches(
    bodies.map((MessageBody) => ({ MessageBody })),
    (Entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
  );
