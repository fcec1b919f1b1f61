import { listDeliveriesQuerySchema, listDeliveriesResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { storePortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { listDeliveries } from "../domain/deliveries.ts";
import { webhookPath } from "../webhook-path.ts";

const ports = storePortsFromEnvironment();

/** `GET /api/webhooks/{webhookId}/deliveries?limit=N` */
export const handler = httpHandler(
  {
    logger: createLogger("list-deliveries"),
    params: webhookPath,
    query: listDeliveriesQuerySchema,
    answer: listDeliveriesResponseSchema,
  },
  async ({ owner, params, query }) => ({
    status: 200,
    body: { deliveries: await listDeliveries(ports, { owner, ...params, ...query }) },
  }),
);
