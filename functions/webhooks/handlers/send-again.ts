import { sendEventResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { sendPortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { sendAgain } from "../domain/deliveries.ts";
import { deliveryPath } from "../webhook-path.ts";

const ports = sendPortsFromEnvironment();

/** `POST /api/webhooks/{webhookId}/deliveries/{eventId}` */
export const handler = httpHandler(
  {
    logger: createLogger("send-again"),
    params: deliveryPath,
    answer: sendEventResponseSchema,
  },
  async ({ owner, params }) => ({
    status: 202,
    body: await sendAgain(ports, { owner, ...params }),
  }),
);
