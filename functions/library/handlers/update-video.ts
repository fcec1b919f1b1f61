import { updateVideoRequestSchema, videoSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { updatePortsFromEnvironment } from "../adapters/library-ports.ts";
import { updateVideo } from "../domain/update-video.ts";
import { videoPath } from "../video-path.ts";

const ports = updatePortsFromEnvironment();

/** `PATCH /api/videos/{videoId}` */
export const handler = httpHandler(
  {
    logger: createLogger("update-video"),
    params: videoPath,
    body: updateVideoRequestSchema,
    answer: videoSchema,
  },
  async ({ owner, params, body }) => ({
    status: 200,
    body: await updateVideo(ports, { owner, ...params, ...body, now: new Date() }),
  }),
);
