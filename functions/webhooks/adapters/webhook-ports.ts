import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import type { DeliverPorts } from "../domain/deliver.ts";
import type { SendPorts } from "../domain/deliveries.ts";
import type { SecretPorts } from "../domain/manage-webhooks.ts";
import { type ReceiverPolicy, receiverPolicies } from "../domain/receiver-address.ts";
import type { WebhookStore } from "../ports.ts";
import { handOverPortsFromEnvironment } from "./announcer.ts";
import { httpReceiver } from "./http-receiver.ts";
import { postgresDeliveryStore } from "./postgres-delivery-store.ts";
import { postgresWebhookStore } from "./postgres-webhook-store.ts";
import { secretsManagerKeyring } from "./secrets-manager-keyring.ts";
import { sqsWebhookQueue } from "./sqs-webhook-queue.ts";

/** Standard Webhooks 1.0.0 recommends 15 to 30 s. */
const attemptTimeoutMs = 15_000;

const keysEnvironment = { WEBHOOK_KEYS_SECRET_ARN: z.string().min(1) };
const receiversEnvironment = { WEBHOOK_RECEIVERS: z.enum(receiverPolicies) };

/** For functions that show and delete webhooks. */
export const storePortsFromEnvironment = (): { readonly store: WebhookStore } => ({
  store: postgresWebhookStore(openDatabase(databaseLocation(readEnvironment(databaseEnvironment)))),
});

/** For functions that show secrets. */
export const secretPortsFromEnvironment = (): SecretPorts => ({
  ...storePortsFromEnvironment(),
  keyring: secretsManagerKeyring(readEnvironment(keysEnvironment).WEBHOOK_KEYS_SECRET_ARN),
});

export const receiverPolicyFromEnvironment = (): ReceiverPolicy =>
  readEnvironment(receiversEnvironment).WEBHOOK_RECEIVERS;

/** For functions that have an event sent. */
export const sendPortsFromEnvironment = (): SendPorts => ({
  ...storePortsFromEnvironment(),
  ...handOverPortsFromEnvironment(),
});

/** For the function that sends them. */
export const deliverPortsFromEnvironment = (): DeliverPorts => {
  const environment = readEnvironment({
    ...{ ...databaseEnvironment, ...keysEnvironment, ...receiversEnvironment },
    WEBHOOK_DEAD_LETTER_QUEUE_URL: z.url(),
  });
  return {
    store: postgresDeliveryStore(openDatabase(databaseLocation(environment))),
    keyring: secretsManagerKeyring(environment.WEBHOOK_KEYS_SECRET_ARN),
    receiver: httpReceiver({ policy: environment.WEBHOOK_RECEIVERS, timeoutMs: attemptTimeoutMs }),
    deadLetters: sqsWebhookQueue(new SQSClient({}), environment.WEBHOOK_DEAD_LETTER_QUEUE_URL),
    now: () => new Date(),
    random: Math.random,
  };
};
