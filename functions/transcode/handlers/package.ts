import { packageMessageSchema } from "@sluice/contracts";
import { createLogger } from "../../platform/logging.ts";
import { sqsRedelivery } from "../../platform/sqs/redelivery.ts";
import { sqsHandler } from "../../platform/sqs/sqs-handler.ts";
import { packagePortsFromEnvironment } from "../adapters/package-ports.ts";
import { packageVideo } from "../domain/package-video.ts";

const logger = createLogger("package");
const finish = packageVideo(packagePortsFromEnvironment(logger));

/** Package queue: the last step of a video. */
export const handler = sqsHandler(
  {
    logger,
    message: packageMessageSchema,
    redelivery: sqsRedelivery(),
    correlationIdOf: ({ correlationId }) => correlationId,
  },
  ({ videoId }, { logger: log }) => finish(videoId, log),
);
