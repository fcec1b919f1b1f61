import { webhookMessageSchema } from "@sluice/contracts";
import { createLogger } from "../../platform/logging.ts";
import { redeliveryDelay, sqsRedelivery } from "../../platform/sqs/redelivery.ts";
import { ComeAgain, sqsHandler } from "../../platform/sqs/sqs-handler.ts";
import { deliverPortsFromEnvironment } from "../adapters/webhook-ports.ts";
import { deliver } from "../domain/deliver.ts";

const attempt = deliver(deliverPortsFromEnvironment());

/** Webhook queue: one message is one event for one receiver. A batch's receivers are asked at once. */
export const handler = sqsHandler(
  {
    logger: createLogger("deliver-webhooks"),
    message: webhookMessageSchema,
    redelivery: sqsRedelivery(),
    correlationIdOf: ({ correlationId }) => correlationId,
    concurrency: 10,
  },
  async (message, { logger, receiveCount, signal }) => {
    const next = await attempt(message, logger, signal);
    if (!next) return;
    const afterSeconds = next.afterSeconds ?? redeliveryDelay(receiveCount, Math.random());
    throw new ComeAgain(next.reason, afterSeconds);
  },
);
