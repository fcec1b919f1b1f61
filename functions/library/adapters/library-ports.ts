import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { createS3Client } from "../../platform/s3.ts";
import {
  playbackKeyEnvironment,
  playbackSignerOf,
} from "../../platform/signing/playback-signer.ts";
import type { LibraryPorts } from "../domain/browse-videos.ts";
import type { DeletionPorts } from "../domain/delete-video.ts";
import { postgresVideoStore } from "./postgres-video-store.ts";
import { s3MediaStorage } from "./s3-media-storage.ts";

/** For the functions that show videos. */
export const libraryPortsFromEnvironment = (): LibraryPorts => {
  const environment = readEnvironment({ ...databaseEnvironment, ...playbackKeyEnvironment });
  return {
    store: postgresVideoStore(openDatabase(databaseLocation(environment))),
    posters: playbackSignerOf(environment),
  };
};

/** For the function that deletes them. */
export const deletionPortsFromEnvironment = (): DeletionPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    MEDIA_BUCKET: z.string().min(1),
  });
  return {
    store: postgresVideoStore(openDatabase(databaseLocation(environment))),
    storage: s3MediaStorage(createS3Client(), environment.SOURCE_BUCKET, environment.MEDIA_BUCKET),
  };
};
