import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { planMessageSchema } from "@sluice/contracts";
import type { PlanQueue } from "../ports.ts";

export const sqsPlanQueue = (client: SQSClient, queueUrl: string): PlanQueue => ({
  async send(message) {
    const MessageBody = JSON.stringify(planMessageSchema.parse(message));
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  },
});
