import { randomUUID } from "node:crypto";
import { type Delivery, deliverySchema, type WebhookEventType } from "@sluice/contracts";
import { eventBody } from "../domain/events.ts";
import { dueNow } from "../domain/hand-over.ts";
import type {
  AttemptRecord,
  DeliveryId,
  DeliveryStore,
  Due,
  NewEvent,
  Outbox,
  WaitingDelivery,
  WebhookRecord,
  WebhookStore,
} from "../ports.ts";

interface WebhookRow extends WebhookRecord {
  readonly owner: string;
  readonly idempotencyKey: string;
}

interface EventRow extends NewEvent {
  readonly videoId: string | undefined;
}

interface DeliveryRow extends DeliveryId {
  state: "pending" | "succeeded" | "failed" | "given-up";
  sendings: number;
  handedOver: boolean;
  attempts: number;
  failures: number;
  due: Due;
  leasedUntil: Date | undefined;
  readonly made: Map<number, AttemptRecord>;
}

/** The tables of webhooks as maps: for tests of what stands on them. */
export const memoryWebhooks = (now: () => Date = () => new Date()) => {
  const webhooks = new Map<string, WebhookRow>();
  const events = new Map<string, EventRow>();
  const deliveries = new Map<string, DeliveryRow>();
  const keyOf = ({ webhookId, eventId }: DeliveryId) => `${webhookId}/${eventId}`;
  const owned = (owner: string) => [...webhooks.values()].filter((row) => row.owner === owner);
  const ofOwner = (owner: string, webhookId: string) => {
    const row = webhooks.get(webhookId);
    return row?.owner === owner ? row : undefined;
  };
  const addDelivery = (id: DeliveryId, due: Due) =>
    deliveries.set(keyOf(id), {
      ...{ webhookId: id.webhookId, eventId: id.eventId, due },
      ...{ state: "pending", sendings: 0, handedOver: false, attempts: 0, failures: 0 },
      leasedUntil: undefined,
      made: new Map(),
    });
  const take = (rows: readonly DeliveryRow[]): WaitingDelivery[] =>
    rows
      .filter(({ state }) => state === "pending")
      .map((row) => {
        row.sendings += 1;
        row.handedOver = false;
        const { webhookId, eventId, sendings: sending } = row;
        const correlationId = events.get(eventId)?.correlationId ?? "";
        return { webhookId, eventId, sending, correlationId };
      });
  const notSent = () => [...deliveries.values()].filter(({ handedOver }) => !handedOver);

  const store: WebhookStore = {
    async create(webhook, limit) {
      const { owner, idempotencyKey } = webhook;
      const earlier = owned(owner).find((row) => row.idempotencyKey === idempotencyKey);
      if (earlier) return earlier;
      if (owned(owner).length >= limit) return "full";
      const row: WebhookRow = {
        ...{ ...webhook, version: 1, createdAt: now() },
        ...{ previousSecret: undefined, disabledAt: undefined },
      };
      webhooks.set(webhook.webhookId, row);
      return row;
    },
    list: async (owner) => owned(owner),
    find: async (owner, webhookId) => ofOwner(owner, webhookId),
    async remove(owner, webhookId) {
      if (!ofOwner(owner, webhookId)) return false;
      webhooks.delete(webhookId);
      for (const [key, row] of deliveries) if (row.webhookId === webhookId) deliveries.delete(key);
      return true;
    },
    async replaceSecret(owner, webhookId, { version, newKeyNumber, previousValidUntil }) {
      const row = ofOwner(owner, webhookId);
      if (row?.version !== version) return row;
      const { keyNumber } = row;
      const replaced = {
        ...{ ...row, keyNumber: newKeyNumber, version: version + 1 },
        previousSecret: { keyNumber, version, validUntil: previousValidUntil },
      };
      webhooks.set(webhookId, replaced);
      return replaced;
    },
    async deliveries(webhookId, limit, attempts) {
      return [...deliveries.values()]
        .filter((row) => row.webhookId === webhookId)
        .flatMap((row) => {
          const event = events.get(row.eventId);
          return event ? [shown(row, event, attempts)] : [];
        })
        .sort((a, b) => (rank(a) < rank(b) ? 1 : -1))
        .slice(0, limit);
    },
    async addTest(webhookId, event, due) {
      const pending = [...deliveries.values()].find(
        (row) =>
          row.webhookId === webhookId &&
          row.state === "pending" &&
          events.get(row.eventId)?.type === event.type,
      );
      if (pending) return pending.eventId;
      if (!webhooks.has(webhookId)) return event.eventId;
      events.set(event.eventId, { ...event, videoId: undefined });
      addDelivery({ webhookId, eventId: event.eventId }, due);
      return event.eventId;
    },
    async sendAgain(id, due) {
      const row = deliveries.get(keyOf(id));
      if (row && !(row.leasedUntil && row.leasedUntil > due.at))
        Object.assign(row, { state: "pending", failures: 0, handedOver: false, due });
      return row !== undefined;
    },
  };

  const outbox: Outbox = {
    takeOfVideo: async (videoId) =>
      take(notSent().filter(({ eventId }) => events.get(eventId)?.videoId === videoId)),
    takeDelivery: async (id) => take(notSent().filter((row) => keyOf(row) === keyOf(id))),
    takeOverdue: async (at, limit) =>
      take(
        [...deliveries.values()]
          .filter(({ state, due }) => state === "pending" && due.sweepAt < at)
          .sort((a, b) => a.due.sweepAt.getTime() - b.due.sweepAt.getTime())
          .slice(0, limit),
      ),
    async handedOver(handed, sweepAt) {
      for (const each of handed) {
        const row = deliveries.get(keyOf(each));
        if (row?.sendings !== each.sending) continue;
        row.handedOver = true;
        row.due = { ...row.due, sweepAt };
      }
    },
    async forget(before, limit) {
      const isPending = (eventId: string) =>
        [...deliveries.values()].some((row) => row.eventId === eventId && row.state === "pending");
      const old = [...events.values()]
        .filter(({ eventId, occurredAt }) => occurredAt < before && !isPending(eventId))
        .slice(0, limit);
      for (const { eventId } of old) {
        events.delete(eventId);
        for (const [key, row] of deliveries) if (row.eventId === eventId) deliveries.delete(key);
      }
      return old.length;
    },
  };

  const deliveryStore: DeliveryStore = {
    async begin({ sending, ...id }, at, leasedUntil, maxConcurrent) {
      const row = deliveries.get(keyOf(id));
      const webhook = webhooks.get(id.webhookId);
      const event = events.get(id.eventId);
      if (!row || !webhook || !event || row.sendings !== sending) return { state: "done" };
      if (row.state === "given-up") return { state: "given-up" };
      if (row.state !== "pending") return { state: "done" };
      if (webhook.disabledAt) {
        row.state = "failed";
        return { state: "done" };
      }
      const until = new Date(
        Math.max(row.due.at.getTime(), row.leasedUntil?.getTime() ?? Number.MIN_SAFE_INTEGER),
      );
      if (until > at) return { state: "waiting", until };
      const underWay = [...deliveries.values()].filter(
        (other) => other.webhookId === id.webhookId && other.leasedUntil && other.leasedUntil > at,
      );
      if (underWay.length >= maxConcurrent) return { state: "busy" };
      row.attempts += 1;
      row.leasedUntil = leasedUntil;
      const { webhookId, keyNumber, version, previousSecret } = webhook;
      return {
        state: "claimed",
        attempt: {
          ...id,
          url: webhook.url,
          secrets: [
            { webhookId, keyNumber, version },
            ...(previousSecret && previousSecret.validUntil > at
              ? [{ webhookId, ...previousSecret }]
              : []),
          ],
          type: event.type,
          body: event.body,
          number: row.attempts,
          failures: row.failures,
        },
      };
    },
    async end(attempt, record, verdict) {
      const row = deliveries.get(keyOf(attempt));
      if (!row) return;
      if (!row.made.has(attempt.number)) row.made.set(attempt.number, record);
      const isLatest = row.attempts === attempt.number && row.state === "pending";
      if (verdict.state === "succeeded" || isLatest) {
        row.state = verdict.state;
        row.leasedUntil = undefined;
        if (verdict.state !== "succeeded") row.failures += 1;
        if (verdict.state === "pending") row.due = verdict.due;
      }
      const webhook = webhooks.get(attempt.webhookId);
      if (webhook && verdict.state === "failed" && verdict.disables && !webhook.disabledAt)
        webhooks.set(webhook.webhookId, { ...webhook, disabledAt: record.at });
    },
  };

  return {
    store,
    outbox,
    deliveries: deliveryStore,
    /** What stands in the outbox adapter's place where a video changes. */
    change(owner: string, type: WebhookEventType, videoId: string) {
      const listeners = owned(owner).filter((row) => !row.disabledAt && row.events.includes(type));
      const isKnown = [...events.values()].some(
        (event) => event.videoId === videoId && event.type === type,
      );
      if (listeners.length === 0 || isKnown) return;
      const occurredAt = now();
      const eventId = randomUUID();
      events.set(eventId, {
        ...{ eventId, owner, videoId, type, correlationId: "correlation-1", occurredAt },
        body: eventBody(type, occurredAt, { ...sampleVideo, videoId }),
      });
      for (const { webhookId } of listeners)
        addDelivery({ webhookId, eventId }, dueNow(occurredAt));
    },
  };
};

export const sampleVideo = {
  uploadId: "0b0a7b0e-2f4c-4c3c-9a3b-0d9a3ff0a001",
  ...{ title: "Film", fileName: "film.mp4", size: 1_000 },
  ...{ durationMs: 60_000, width: 1_280, height: 720 },
  failure: { code: "gave-up", message: "film.mp4 could not be read." },
};

const rank = ({ occurredAt, eventId }: Delivery) => `${occurredAt} ${eventId}`;

const shown = (row: DeliveryRow, event: EventRow, attempts: number): Delivery =>
  deliverySchema.parse({
    eventId: event.eventId,
    type: event.type,
    occurredAt: event.occurredAt.toISOString(),
    state: row.state === "given-up" ? "failed" : row.state,
    ...(row.state === "pending" && { nextAttemptAt: row.due.at.toISOString() }),
    attempts: [...row.made]
      .sort(([a], [b]) => a - b)
      .slice(-attempts)
      .map(([attempt, { at, durationMs, status, error }]) => ({
        attempt,
        at: at.toISOString(),
        durationMs,
        ...(status !== undefined && { status }),
        ...(error !== undefined && { error }),
      })),
  });
