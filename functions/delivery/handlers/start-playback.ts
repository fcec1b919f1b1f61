import { playbackSchema } from "@sluice/contracts";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { pathId } from "../../platform/http/path-id.ts";
import { createLogger } from "../../platform/logging.ts";
import {
  playbackKeyEnvironment,
  playbackSignerOf,
} from "../../platform/signing/playback-signer.ts";
import { postgresVideoStates } from "../adapters/postgres-video-states.ts";
import { startPlayback } from "../domain/start-playback.ts";

const environment = readEnvironment({ ...databaseEnvironment, ...playbackKeyEnvironment });
const ports = {
  videos: postgresVideoStates(openDatabase(databaseLocation(environment))),
  grants: playbackSignerOf(environment),
};

/** `POST /api/videos/{videoId}/playback` */
export const handler = httpHandler(
  {
    logger: createLogger("start-playback"),
    params: z.strictObject({ videoId: pathId }),
    answer: playbackSchema,
  },
  async ({ owner, params, viewerProtocol }) => {
    const { playback, cookies } = await startPlayback(ports, {
      owner,
      ...params,
      now: new Date(),
      secure: viewerProtocol !== "http",
    });
    return { status: 200, body: playback, cookies };
  },
);
