import { listWebhooksResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { storePortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { listWebhooks } from "../domain/manage-webhooks.ts";

const ports = storePortsFromEnvironment();

/** `GET /api/webhooks` */
export const handler = httpHandler(
  { logger: createLogger("list-webhooks"), answer: listWebhooksResponseSchema },
  async ({ owner }) => ({ status: 200, body: { webhooks: await listWebhooks(ports, owner) } }),
);
