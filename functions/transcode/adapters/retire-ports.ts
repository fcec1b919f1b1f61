import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { askToSettle } from "../domain/ask-to-settle.ts";
import type { RetireTaskPorts } from "../domain/retire-task.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";
import { sqsPackageQueue } from "./sqs-queues.ts";
import { taskQueuesEnvironment, taskQueuesOf } from "./task-queues.ts";

export const retirePortsFromEnvironment = (): RetireTaskPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    ...taskQueuesEnvironment,
    PACKAGE_QUEUE_URL: z.url(),
  });
  const store = postgresPipelineStore(openDatabase(databaseLocation(environment)));
  return {
    store,
    packages: sqsPackageQueue(new SQSClient({}), environment.PACKAGE_QUEUE_URL),
    settle: askToSettle({ store, queues: taskQueuesOf(environment) }),
  };
};
