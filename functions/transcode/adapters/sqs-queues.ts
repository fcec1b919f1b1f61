import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { packageMessageSchema, taskMessageSchema } from "@sluice/contracts";
import { sendMessages } from "../../platform/sqs/send-messages.ts";
import type { PackageQueue, TaskQueue } from "../ports.ts";

export const sqsTaskQueue = (client: SQSClient, queueUrl: string): TaskQueue => ({
  send: (messages) =>
    sendMessages(
      client,
      queueUrl,
      messages.map((message) => JSON.stringify(taskMessageSchema.parse(message))),
    ),
});

export const sqsPackageQueue = (client: SQSClient, queueUrl: string): PackageQueue => ({
  async send(message) {
    const MessageBody = JSON.stringify(packageMessageSchema.parse(message));
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  },
});
