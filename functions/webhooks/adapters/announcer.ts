import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import type { Log } from "../../platform/logging.ts";
import { announceVideo, type HandOverPorts } from "../domain/hand-over.ts";
import type { Announce } from "../ports.ts";
import { postgresOutbox } from "./postgres-outbox.ts";
import { sqsWebhookQueue } from "./sqs-webhook-queue.ts";

/** For whoever sends what the outbox holds. */
export const handOverPortsFromEnvironment = (): HandOverPorts => {
  const environment = readEnvironment({ ...databaseEnvironment, WEBHOOK_QUEUE_URL: z.url() });
  return {
    outbox: postgresOutbox(openDatabase(databaseLocation(environment))),
    queue: sqsWebhookQueue(new SQSClient({}), environment.WEBHOOK_QUEUE_URL),
    now: () => new Date(),
  };
};

/** For the functions that change videos in a way that others are told of. */
export const announcerFromEnvironment = (log: Log): Announce =>
  announceVideo(handOverPortsFromEnvironment(), log);
