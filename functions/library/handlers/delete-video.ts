import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { deletionPortsFromEnvironment } from "../adapters/library-ports.ts";
import { deleteVideo } from "../domain/delete-video.ts";
import { videoPath } from "../video-path.ts";

const ports = deletionPortsFromEnvironment();

/** `DELETE /api/videos/{videoId}` */
export const handler = httpHandler(
  { logger: createLogger("delete-video"), params: videoPath },
  async ({ owner, params }) => {
    await deleteVideo(ports, { owner, ...params });
    return { status: 204 };
  },
);
