import type { SQSClient } from "@aws-sdk/client-sqs";
import { webhookMessageSchema } from "@sluice/contracts";
import { sendMessages } from "../../platform/sqs/send-messages.ts";
import type { WebhookQueue } from "../ports.ts";

export const sqsWebhookQueue = (client: SQSClient, queueUrl: string): WebhookQueue => ({
  send: (messages) =>
    sendMessages(
      client,
      queueUrl,
      messages.map((message) => JSON.stringify(webhookMessageSchema.parse(message))),
    ),
});
