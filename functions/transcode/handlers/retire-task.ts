import { createLogger } from "../../platform/logging.ts";
import { sqsRedelivery } from "../../platform/sqs/redelivery.ts";
import { sqsHandler } from "../../platform/sqs/sqs-handler.ts";
import { retirePortsFromEnvironment } from "../adapters/retire-ports.ts";
import { failedDeliverySchema } from "../domain/failed-delivery.ts";
import { retireFailedTask } from "../domain/retire-failed-task.ts";

const retire = retireFailedTask(retirePortsFromEnvironment());

/** Queue of failed tasks: what Lambda gave up, and what SNS could not deliver. */
export const handler = sqsHandler(
  {
    logger: createLogger("retire-task"),
    message: failedDeliverySchema,
    redelivery: sqsRedelivery(),
    correlationIdOf: ({ task }) => task.correlationId,
  },
  (failed, { logger }) => retire(failed, logger),
);
