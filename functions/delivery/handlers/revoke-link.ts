import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { revocationPortsFromEnvironment } from "../adapters/link-ports.ts";
import { revokeLink } from "../domain/revoke-links.ts";
import { linkPath } from "../link-path.ts";

const ports = revocationPortsFromEnvironment();

/** `DELETE /api/videos/{videoId}/links/{linkId}` */
export const handler = httpHandler(
  { logger: createLogger("revoke-link"), params: linkPath },
  async ({ owner, params }) => {
    await revokeLink(ports, { owner, ...params, now: new Date() });
    return { status: 204 };
  },
);
