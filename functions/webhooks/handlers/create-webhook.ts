import { randomUUID } from "node:crypto";
import { createWebhookRequestSchema, createWebhookResponseSchema } from "@sluice/contracts";
import { z } from "zod";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { requireIdempotencyKey } from "../../platform/http/idempotency-key.ts";
import { createLogger } from "../../platform/logging.ts";
import {
  receiverPolicyFromEnvironment,
  secretPortsFromEnvironment,
} from "../adapters/webhook-ports.ts";
import { createWebhook } from "../domain/manage-webhooks.ts";

const ports = secretPortsFromEnvironment();
const policy = receiverPolicyFromEnvironment();

/** `POST /api/webhooks` */
export const handler = httpHandler(
  {
    logger: createLogger("create-webhook"),
    headers: z.object({ "idempotency-key": z.string().optional() }),
    body: createWebhookRequestSchema,
    answer: createWebhookResponseSchema,
  },
  async ({ owner, headers, body }) => {
    const idempotencyKey = requireIdempotencyKey(headers["idempotency-key"]);
    const { webhook, created } = await createWebhook(ports, {
      ...{ owner, idempotencyKey, policy, request: body },
      newId: randomUUID,
    });
    return { status: created ? 201 : 200, body: webhook };
  },
);
