import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import type { LeaseTaskPorts } from "../domain/lease-task.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";
import { s3LinkSigner } from "./s3-link-signer.ts";
import { s3SourceStore } from "./s3-source-store.ts";

export const leasePortsFromEnvironment = (): LeaseTaskPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    MEDIA_BUCKET: z.string().min(1),
  });
  const { SOURCE_BUCKET: source, MEDIA_BUCKET: media } = environment;
  const s3 = createS3Client();
  return {
    store: postgresPipelineStore(openDatabase(databaseLocation(environment))),
    sources: s3SourceStore(s3, source),
    links: s3LinkSigner(s3, { source, media }),
    now: () => new Date(),
  };
};
