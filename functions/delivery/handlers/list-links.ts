import { listLinksResponseSchema } from "@sluice/contracts";
import { videoPath } from "../../library/video-path.ts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { linkPortsFromEnvironment } from "../adapters/link-ports.ts";
import { listLinks } from "../domain/playback-links.ts";

const ports = linkPortsFromEnvironment();

/** `GET /api/videos/{videoId}/links` */
export const handler = httpHandler(
  { logger: createLogger("list-links"), params: videoPath, answer: listLinksResponseSchema },
  async ({ owner, params }) => ({
    status: 200,
    body: { links: await listLinks(ports, { owner, ...params, now: new Date() }) },
  }),
);
