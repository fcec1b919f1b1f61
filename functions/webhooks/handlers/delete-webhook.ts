import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { storePortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { deleteWebhook } from "../domain/manage-webhooks.ts";
import { webhookPath } from "../webhook-path.ts";

const ports = storePortsFromEnvironment();

/** `DELETE /api/webhooks/{webhookId}` */
export const handler = httpHandler(
  { logger: createLogger("delete-webhook"), params: webhookPath },
  async ({ owner, params }) => {
    await deleteWebhook(ports, { owner, ...params });
    return { status: 204 };
  },
);
