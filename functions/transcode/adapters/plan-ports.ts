import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import type { PlanVideoPorts } from "../domain/plan-video.ts";
import { createFfprobeProber } from "./ffprobe-prober.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";
import { s3SourceStore } from "./s3-source-store.ts";
import { sqsTaskQueue } from "./sqs-queues.ts";

export const planPortsFromEnvironment = (): PlanVideoPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    TASK_QUEUE_URL: z.url(),
  });
  const sources = s3SourceStore(createS3Client(), environment.SOURCE_BUCKET);
  return {
    store: postgresPipelineStore(openDatabase(databaseLocation(environment))),
    sources,
    prober: createFfprobeProber(sources),
    queue: sqsTaskQueue(new SQSClient({}), environment.TASK_QUEUE_URL),
  };
};
