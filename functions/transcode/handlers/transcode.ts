import { taskMessageSchema } from "@sluice/contracts";
import { createLogger } from "../../platform/logging.ts";
import { sqsRedelivery } from "../../platform/sqs/redelivery.ts";
import { sqsHandler } from "../../platform/sqs/sqs-handler.ts";
import { transcodePortsFromEnvironment } from "../adapters/transcode-ports.ts";
import { runTask } from "../domain/run-task.ts";

/** The task queue's maxReceiveCount (infra/stacks/storage-stack.ts). */
const maxReceives = 5;
const run = runTask(transcodePortsFromEnvironment());

/** Task queue, one message at a time. */
export const handler = sqsHandler(
  {
    logger: createLogger("transcode"),
    message: taskMessageSchema,
    redelivery: sqsRedelivery(),
    correlationIdOf: ({ correlationId }) => correlationId,
  },
  (message, { logger, receiveCount, signal }) =>
    run(message, { log: logger, signal, isLast: receiveCount >= maxReceives }),
);
