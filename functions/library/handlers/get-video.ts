import { videoSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { libraryPortsFromEnvironment } from "../adapters/library-ports.ts";
import { getVideo } from "../domain/browse-videos.ts";
import { videoPath } from "../video-path.ts";

const ports = libraryPortsFromEnvironment();

/** `GET /api/videos/{videoId}` */
export const handler = httpHandler(
  { logger: createLogger("get-video"), params: videoPath, answer: videoSchema },
  async ({ owner, params }) => ({
    status: 200,
    body: await getVideo(ports, { owner, ...params, now: new Date() }),
  }),
);
