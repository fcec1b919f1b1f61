import { createLogger } from "../../platform/logging.ts";
import { sqsRedelivery } from "../../platform/sqs/redelivery.ts";
import { sqsHandler } from "../../platform/sqs/sqs-handler.ts";
import { planPortsFromEnvironment } from "../adapters/plan-ports.ts";
import { giveUpPlanning, planVideo } from "../domain/plan-video.ts";
import { s3EventSchema, videosOfEvent } from "../domain/s3-event.ts";

/** The ingest queue's maxReceiveCount (infra/stacks/storage-stack.ts). */
const maxReceives = 4;
const logger = createLogger("plan");
const ports = planPortsFromEnvironment(logger);
const plan = planVideo(ports);
const giveUp = giveUpPlanning(ports);

/** Ingest queue: S3 says that a source arrived. */
export const handler = sqsHandler(
  { logger, message: s3EventSchema, redelivery: sqsRedelivery() },
  async (event, { logger: log, receiveCount, signal }) => {
    for (const videoId of videosOfEvent(event)) {
      try {
        await plan(videoId, log, signal);
      } catch (error) {
        if (receiveCount >= maxReceives) await giveUp(videoId);
        throw error;
      }
    }
  },
);
