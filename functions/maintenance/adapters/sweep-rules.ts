import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import { postgresPipelineStore } from "../../transcode/adapters/postgres-pipeline-store.ts";
import { sqsPackageQueue } from "../../transcode/adapters/sqs-queues.ts";
import { taskQueuesEnvironment, taskQueuesOf } from "../../transcode/adapters/task-queues.ts";
import { postgresUploadStore } from "../../upload/adapters/postgres-upload-store.ts";
import { s3SourceStorage } from "../../upload/adapters/s3-source-storage.ts";
import { handOverPortsFromEnvironment } from "../../webhooks/adapters/announcer.ts";
import { endUploads } from "../domain/end-uploads.ts";
import { repeatStep } from "../domain/repeat-steps.ts";
import { restartTasks } from "../domain/restart-tasks.ts";
import type { Rule } from "../domain/sweep.ts";
import { tellOthers } from "../domain/tell-others.ts";
import { postgresSweepStore } from "./postgres-sweep-store.ts";
import { sqsPlanQueue } from "./sqs-plan-queue.ts";

const dayMs = 24 * 60 * 60_000;

export const sweepRulesFromEnvironment = (): readonly Rule[] => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    ...taskQueuesEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    INGEST_QUEUE_URL: z.url(),
    PACKAGE_QUEUE_URL: z.url(),
    STALE_UPLOAD_DAYS: z.coerce.number().positive(),
  });
  const database = openDatabase(databaseLocation(environment));
  const s3 = createS3Client();
  const sqs = new SQSClient({});
  const sweep = postgresSweepStore(database);
  const pipeline = postgresPipelineStore(database);
  const packages = sqsPackageQueue(sqs, environment.PACKAGE_QUEUE_URL);
  const steps = {
    ...{ sweep, pipeline, packages },
    plans: sqsPlanQueue(sqs, environment.INGEST_QUEUE_URL),
  };
  return [
    restartTasks({ sweep, pipeline, packages, queues: taskQueuesOf(environment) }),
    // Before planning: a completion that is finished now may have lost its event too.
    endUploads({
      sweep,
      store: postgresUploadStore(database),
      storage: s3SourceStorage(s3, s3, environment.SOURCE_BUCKET),
      staleMs: environment.STALE_UPLOAD_DAYS * dayMs,
    }),
    repeatStep(steps, "planning"),
    repeatStep(steps, "packaging"),
    repeatStep(steps, "failed"),
    repeatStep(steps, "deleting"),
    // Last: the rules before tell of what they changed.
    tellOthers(handOverPortsFromEnvironment()),
  ];
};
