import { createLinkRequestSchema, playbackLinkSchema } from "@sluice/contracts";
import { videoPath } from "../../library/video-path.ts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { linkPortsFromEnvironment } from "../adapters/link-ports.ts";
import { createLink } from "../domain/playback-links.ts";

const ports = linkPortsFromEnvironment();

/** `POST /api/videos/{videoId}/links` */
export const handler = httpHandler(
  {
    logger: createLogger("create-link"),
    params: videoPath,
    body: createLinkRequestSchema,
    answer: playbackLinkSchema,
  },
  async ({ owner, params, body }) => ({
    status: 201,
    body: await createLink(ports, { owner, ...params, ...body, now: new Date() }),
  }),
);
