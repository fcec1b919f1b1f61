import { PublishBatchCommand, type SNSClient } from "@aws-sdk/client-sns";
import { type TaskMessage, taskMessageSchema } from "@sluice/contracts";
import { sendInBatches } from "../../platform/messages/send-in-batches.ts";
import type { TaskQueue } from "../ports.ts";

/** By the attribute `kind` subscriptions choose what is theirs. */
const entryOf = (message: TaskMessage) => ({
  Message: JSON.stringify(taskMessageSchema.parse(message)),
  MessageAttributes: { kind: { DataType: "String", StringValue: message.kind } },
});

export const snsTaskTopic = (client: SNSClient, topicArn: string): TaskQueue => ({
  async send(messages) {
    const entries = messages.map(entryOf);
    // A topic keeps no order. The first task, for which viewers wait, is on its way before all others.
    for (const part of [entries.slice(0, 1), entries.slice(1)])
      await sendInBatches(part, (batch) =>
        client.send(
          new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries: batch }),
        ),
      );
  },
});
