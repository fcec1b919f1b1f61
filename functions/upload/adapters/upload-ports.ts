import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
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
