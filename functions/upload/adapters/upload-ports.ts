import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import type { Log } from "../../platform/logging.ts";
import { createS3Client } from "../../platform/s3.ts";
import { announcerFromEnvironment } from "../../webhooks/adapters/announcer.ts";
import type { CompleteUploadPorts } from "../domain/complete-upload.ts";
import type { UploadPorts } from "../ports.ts";
import { postgresUploadStore } from "./postgres-upload-store.ts";
import { s3SourceStorage } from "./s3-source-storage.ts";

/** What every function of this capability stands on, from its environment. */
export const uploadPortsFromEnvironment = (): UploadPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    PUBLIC_S3_ENDPOINT: z.url().optional(),
  });
  const s3 = createS3Client();
  const links = environment.PUBLIC_S3_ENDPOINT
    ? createS3Client(environment.PUBLIC_S3_ENDPOINT)
    : s3;
  return {
    store: postgresUploadStore(openDatabase(databaseLocation(environment))),
    storage: s3SourceStorage(s3, links, environment.SOURCE_BUCKET),
  };
};

/** For the function that ends an upload, which others are told of. */
export const completionPortsFromEnvironment = (log: Log): CompleteUploadPorts => ({
  ...uploadPortsFromEnvironment(),
  announce: announcerFromEnvironment(log),
});
