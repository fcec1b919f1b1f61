import { publicVideoSchema } from "@sluice/contracts";
import { videoPath } from "../../library/video-path.ts";
import { openHttpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { publicPortsFromEnvironment } from "../adapters/link-ports.ts";
import { getPublicVideo } from "../domain/public-link.ts";

const ports = publicPortsFromEnvironment();

/** `GET /api/public/videos/{videoId}`, for anybody */
export const handler = openHttpHandler(
  { logger: createLogger("get-public-video"), params: videoPath, answer: publicVideoSchema },
  async ({ params }) => ({
    status: 200,
    body: await getPublicVideo(ports, { ...params, now: new Date() }),
  }),
);
