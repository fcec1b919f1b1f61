import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { TaskQueues } from "../ports.ts";
import { snsTaskTopic } from "./sns-task-topic.ts";
import { sqsTaskQueue } from "./sqs-queues.ts";

/** The variables of functions that send tasks. */
export const taskQueuesEnvironment = {
  TASK_QUEUE_URL: z.url(),
  TASK_TOPIC_ARN: z.string().min(1),
};

export const taskQueuesOf = (environment: {
  readonly TASK_QUEUE_URL: string;
  readonly TASK_TOPIC_ARN: string;
}): TaskQueues => ({
  pull: sqsTaskQueue(new SQSClient({}), environment.TASK_QUEUE_URL),
  push: snsTaskTopic(new SNSClient({}), environment.TASK_TOPIC_ARN),
});
