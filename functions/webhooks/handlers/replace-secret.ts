import { replaceSecretRequestSchema, replaceSecretResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { secretPortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { replaceSecret } from "../domain/manage-webhooks.ts";
import { webhookPath } from "../webhook-path.ts";

const ports = secretPortsFromEnvironment();

/** `POST /api/webhooks/{webhookId}/secret` */
export const handler = httpHandler(
  {
    logger: createLogger("replace-secret"),
    params: webhookPath,
    body: replaceSecretRequestSchema,
    answer: replaceSecretResponseSchema,
  },
  async ({ owner, params, body }) => ({
    status: 200,
    body: await replaceSecret(ports, { owner, ...params, ...body, now: new Date() }),
  }),
);
