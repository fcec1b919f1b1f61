import { listVideosQuerySchema, listVideosResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { libraryPortsFromEnvironment } from "../adapters/library-ports.ts";
import { listVideos } from "../domain/browse-videos.ts";

const ports = libraryPortsFromEnvironment();

/** `GET /api/videos?limit=N&cursor=C` */
export const handler = httpHandler(
  {
    logger: createLogger("list-videos"),
    query: listVideosQuerySchema,
    answer: listVideosResponseSchema,
  },
  async ({ owner, query }) => ({
    status: 200,
    body: await listVideos(ports, { owner, ...query, now: new Date() }),
  }),
);
