import { taskMessageSchema } from "@sluice/contracts";
import { createLogger } from "../../platform/logging.ts";
import { snsHandler } from "../../platform/sns/sns-handler.ts";
import { transcodePortsFromEnvironment } from "../adapters/transcode-ports.ts";
import { runTask } from "../domain/run-task.ts";

const run = runTask(transcodePortsFromEnvironment());

/**
 * Task topic, by kind: the same work as `transcode`. No attempt is known to be the last; what Lambda
 * gives up comes to `retire-task`.
 */
export const handler = snsHandler(
  {
    logger: createLogger("transcode-push"),
    message: taskMessageSchema,
    correlationIdOf: ({ correlationId }) => correlationId,
  },
  (message, { logger, signal }) => run(message, { log: logger, signal, isLast: false }),
);
