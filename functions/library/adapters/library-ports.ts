import { z } from "zod";
import { revocationPortsFromEnvironment } from "../../delivery/adapters/link-ports.ts";
import { setVisibility } from "../../delivery/domain/public-link.ts";
import { revokeAllLinks } from "../../delivery/domain/revoke-links.ts";
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
import type { UpdatePorts } from "../domain/update-video.ts";
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

/** For the function that changes them. */
export const updatePortsFromEnvironment = (): UpdatePorts => {
  const revocation = revocationPortsFromEnvironment();
  return {
    ...libraryPortsFromEnvironment(),
    visibility: {
      set: (owner, videoId, visibility) =>
        setVisibility(revocation, { owner, videoId, visibility, now: new Date() }),
    },
  };
};

/** For the function that deletes them. */
export const deletionPortsFromEnvironment = (): DeletionPorts => {
  const environment = readEnvironment({
    ...databaseEnvironment,
    SOURCE_BUCKET: z.string().min(1),
    MEDIA_BUCKET: z.string().min(1),
  });
  const database = openDatabase(databaseLocation(environment));
  const revocation = revocationPortsFromEnvironment(database);
  return {
    store: postgresVideoStore(database),
    links: { revokeAll: (videoId) => revokeAllLinks(revocation, videoId, new Date()) },
    storage: s3MediaStorage(createS3Client(), environment.SOURCE_BUCKET, environment.MEDIA_BUCKET),
  };
};
