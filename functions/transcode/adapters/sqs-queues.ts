import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { packageMessageSchema, taskMessageSchema } from "@sluice/contracts";
import pRetry from "p-retry";
import type { PackageQueue, TaskQueue } from "../ports.ts";

/** SendMessageBatch takes this many. */
const messagesPerBatch = 10;
const retries = { retries: 4, minTimeout: 100, maxTimeout: 2_000, randomize: true };

export const sqsTaskQueue = (client: SQSClient, queueUrl: string): TaskQueue => ({
  async send(messages) {
    const bodies = messages.map((message) => JSON.stringify(taskMessageSchema.parse(message)));
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
  },
});

export const sqsPackageQueue = (client: SQSClient, queueUrl: string): PackageQueue => ({
  async send(message) {
    const MessageBody = JSON.stringify(packageMessageSchema.parse(message));
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  },
});
