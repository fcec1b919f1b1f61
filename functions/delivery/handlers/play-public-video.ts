import { videoPath } from "../../library/video-path.ts";
import { DomainError } from "../../platform/errors.ts";
import { openHttpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { publicPortsFromEnvironment } from "../adapters/link-ports.ts";
import { getPublicVideo } from "../domain/public-link.ts";

const ports = publicPortsFromEnvironment();

/**
 * `GET /api/public/videos/{videoId}/master.m3u8`, for anybody: the address of a public video that
 * never ends, for players; it leads to the playlist's address of the day.
 */
export const handler = openHttpHandler(
  { logger: createLogger("play-public-video"), params: videoPath },
  async ({ params }) => {
    const { playlist } = await getPublicVideo(ports, { ...params, now: new Date() });
    if (playlist === undefined) {
      throw new DomainError("not-playable", "The video cannot be played. Ask again later.");
    }
    return { status: 302, location: playlist };
  },
);
