import { createLogger } from "../../platform/logging.ts";
import { sqsRedelivery } from "../../platform/sqs/redelivery.ts";
import { sqsHandler } from "../../platform/sqs/sqs-handler.ts";
import { planPortsFromEnvironment } from "../adapters/plan-ports.ts";
import { arrivalSchema, videosOf } from "../domain/arrival.ts";
import { giveUpPlanning, planVideo } from "../domain/plan-video.ts";

/** The ingest queue's maxReceiveCount (infra/stacks/storage-stack.ts). */
const maxReceives = 4;
const logger = createLogger("plan");
const ports = planPortsFromEnvironment(logger);
const plan = planVideo(ports);
const giveUp = giveUpPlanning(ports);

/** Ingest queue: S3 says that a source arrived, or the sweeper that one was overlooked. */
export const handler = sqsHandler(
  { logger, message: arrivalSchema, redelivery: sqsRedelivery() },
  async (arrival, { logger: log, receiveCount, signal }) => {
    for (const videoId of videosOf(arrival)) {
      try {
        await plan(videoId, log, signal);
      } catch (error) {
        if (receiveCount >= maxReceives) await giveUp(videoId);
        throw error;
      }
    }
  },
);
