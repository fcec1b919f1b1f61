import { randomUUID } from "node:crypto";
import { sendEventResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { sendPortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { testWebhook } from "../domain/deliveries.ts";
import { webhookPath } from "../webhook-path.ts";

const ports = sendPortsFromEnvironment();

/** `POST /api/webhooks/{webhookId}/test` */
export const handler = httpHandler(
  {
    logger: createLogger("test-webhook"),
    params: webhookPath,
    answer: sendEventResponseSchema,
  },
  async ({ owner, correlationId, params }) => ({
    status: 202,
    body: await testWebhook(ports, { owner, correlationId, ...params, newId: randomUUID }),
  }),
);
