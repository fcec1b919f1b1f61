import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import type { CommitTaskPorts } from "../domain/commit-task.ts";
import { settleVideo } from "../domain/settle-video.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";
import { s3MediaStore } from "./s3-media-store.ts";
import { sqsPackageQueue } from "./sqs-queues.ts";
import { taskQueuesEnvironment, taskQueuesOf } from "./task-queues.ts";

export const commitPortsFromEnvironment = (): CommitTaskPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    ...taskQueuesEnvironment,
    MEDIA_BUCKET: z.string().min(1),
    PACKAGE_QUEUE_URL: z.url(),
  });
  const store = postgresPipelineStore(openDatabase(databaseLocation(environment)));
  const media = s3MediaStore(createS3Client(), environment.MEDIA_BUCKET);
  const packages = sqsPackageQueue(new SQSClient({}), environment.PACKAGE_QUEUE_URL);
  const queues = taskQueuesOf(environment);
  return { store, media, packages, settle: settleVideo({ store, media, packages, queues }) };
};
