import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import { announcerFromEnvironment } from "../../webhooks/adapters/announcer.ts";
import type { PlanVideoPorts } from "../domain/plan-video.ts";
import type { Log } from "../ports.ts";
import { createFfprobeProber } from "./ffprobe-prober.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";
import { s3SourceStore } from "./s3-source-store.ts";
import { taskQueuesEnvironment, taskQueuesOf } from "./task-queues.ts";

export const planPortsFromEnvironment = (log: Log): PlanVideoPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    ...taskQueuesEnvironment,
    SOURCE_BUCKET: z.string().min(1),
  });
  const sources = s3SourceStore(createS3Client(), environment.SOURCE_BUCKET);
  return {
    store: postgresPipelineStore(openDatabase(databaseLocation(environment))),
    sources,
    prober: createFfprobeProber(sources),
    queues: taskQueuesOf(environment),
    announce: announcerFromEnvironment(log),
  };
};
