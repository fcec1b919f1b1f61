import { type Delivery, webhookTestType } from "@sluice/contracts";
import { DomainError, NotFoundError } from "../../platform/errors.ts";
import type { WebhookRecord, WebhookStore } from "../ports.ts";
import { testBody } from "./events.ts";
import { dueNow, type HandOverPorts, handOverDelivery } from "./hand-over.ts";

export interface SendPorts extends HandOverPorts {
  readonly store: WebhookStore;
}

interface OfWebhook {
  readonly owner: string;
  readonly webhookId: string;
}

/** Of one delivery; there are no more unless it was asked for again and again. */
const shownAttempts = 20;

/** @throws NotFoundError */
export const listDeliveries = async (
  { store }: Pick<SendPorts, "store">,
  { owner, webhookId, limit }: OfWebhook & { readonly limit: number },
): Promise<Delivery[]> => {
  await requireWebhook(store, owner, webhookId);
  return store.deliveries(webhookId, limit, shownAttempts);
};

/**
 * Sends an event that says no more than that it was asked for. There is one at a time: a repeat is
 * answered with the one that is on its way.
 *
 * @throws NotFoundError, DomainError webhook-disabled
 */
export const testWebhook = async (
  ports: SendPorts,
  {
    owner,
    webhookId,
    correlationId,
    newId,
  }: OfWebhook & { readonly correlationId: string; readonly newId: () => string },
): Promise<{ readonly eventId: string }> => {
  requireEnabled(await requireWebhook(ports.store, owner, webhookId));
  const now = ports.now();
  const event = {
    ...{ eventId: newId(), owner, correlationId, occurredAt: now },
    ...{ type: webhookTestType, body: testBody(now, webhookId) },
  };
  const eventId = await ports.store.addTest(webhookId, event, dueNow(now));
  await handOverDelivery(ports, { webhookId, eventId });
  return { eventId };
};

/**
 * Sends an event once more: one that has ended from the beginning, one that waits at once.
 *
 * @throws NotFoundError, DomainError webhook-disabled
 */
export const sendAgain = async (
  ports: SendPorts,
  { owner, webhookId, eventId }: OfWebhook & { readonly eventId: string },
): Promise<{ readonly eventId: string }> => {
  requireEnabled(await requireWebhook(ports.store, owner, webhookId));
  const id = { webhookId, eventId };
  if (!(await ports.store.sendAgain(id, dueNow(ports.now())))) throw new NotFoundError("event");
  await handOverDelivery(ports, id);
  return { eventId };
};

const requireWebhook = async (
  store: WebhookStore,
  owner: string,
  webhookId: string,
): Promise<WebhookRecord> => {
  const webhook = await store.find(owner, webhookId);
  if (!webhook) throw new NotFoundError("webhook");
  return webhook;
};

const requireEnabled = ({ disabledAt }: WebhookRecord): void => {
  if (!disabledAt) return;
  throw new DomainError(
    "webhook-disabled",
    "Its receiver answered 410 Gone, so nothing is sent to it any more. Create it anew.",
  );
};
