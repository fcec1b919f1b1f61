import { z } from "zod";
import { deletionPortsFromEnvironment } from "../../library/adapters/library-ports.ts";
import { finishDeletion } from "../../library/domain/delete-video.ts";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import { announcerFromEnvironment } from "../../webhooks/adapters/announcer.ts";
import type { PackageVideoPorts } from "../domain/package-video.ts";
import type { Log } from "../ports.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";
import { s3MediaStore } from "./s3-media-store.ts";
import { s3SourceStore } from "./s3-source-store.ts";

export const packagePortsFromEnvironment = (log: Log): PackageVideoPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    MEDIA_BUCKET: z.string().min(1),
  });
  const s3 = createS3Client();
  const deletion = deletionPortsFromEnvironment();
  return {
    store: postgresPipelineStore(openDatabase(databaseLocation(environment))),
    media: s3MediaStore(s3, environment.MEDIA_BUCKET),
    sources: s3SourceStore(s3, environment.SOURCE_BUCKET),
    announce: announcerFromEnvironment(log),
    finishDeletion: (videoId) => finishDeletion(deletion, videoId),
  };
};
