import { type Delivery, deliverySchema, webhookEventTypeSchema } from "@sluice/contracts";
import { and, asc, count, desc, eq, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../../platform/database/database.ts";
import {
  webhookAttempts,
  webhookDeliveries,
  webhookEvents,
  webhooks,
} from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import type { SecretName } from "../domain/signing.ts";
import type { Due, WebhookRecord, WebhookStore } from "../ports.ts";
import { isDelivery } from "./postgres-outbox.ts";

type WebhookRow = typeof webhooks.$inferSelect;
type AttemptRow = typeof webhookAttempts.$inferSelect;

const eventsSchema = z.array(webhookEventTypeSchema);

export const postgresWebhookStore = (database: Database): WebhookStore => {
  const find = async (owner: string, webhookId: string) => {
    const [row] = await database.select().from(webhooks).where(isWebhook(owner, webhookId));
    return row && recordOf(row);
  };

  return {
    create: (webhook, limit) =>
      inTransaction(database, async (transaction) => {
        // One creation of an owner at a time, or two could both be the last that there is room for.
        await transaction.execute(
          sql`SELECT pg_advisory_xact_lock(hashtextextended(${webhook.owner}, 0))::text`,
        );
        const [earlier] = await transaction
          .select()
          .from(webhooks)
          .where(
            and(
              eq(webhooks.owner, webhook.owner),
              eq(webhooks.idempotencyKey, webhook.idempotencyKey),
            ),
          );
        if (earlier) return recordOf(earlier);
        const [owned] = await transaction
          .select({ count: count() })
          .from(webhooks)
          .where(eq(webhooks.owner, webhook.owner));
        if (!owned || owned.count >= limit) return "full";
        const [row] = await transaction
          .insert(webhooks)
          .values({ ...webhook, events: [...webhook.events] })
          .returning();
        if (!row) throw new Error("The webhook was not recorded.");
        return recordOf(row);
      }),

    async list(owner) {
      const rows = await database
        .select()
        .from(webhooks)
        .where(eq(webhooks.owner, owner))
        .orderBy(asc(webhooks.createdAt), asc(webhooks.webhookId));
      return rows.map(recordOf);
    },

    find,

    async remove(owner, webhookId) {
      const gone = await database
        .delete(webhooks)
        .where(isWebhook(owner, webhookId))
        .returning({ webhookId: webhooks.webhookId });
      return gone.length > 0;
    },

    async replaceSecret(owner, webhookId, { version, newKeyNumber, previousValidUntil }) {
      await database
        .update(webhooks)
        .set({
          keyNumber: newKeyNumber,
          secretVersion: version + 1,
          previousKeyNumber: webhooks.keyNumber,
          previousValidUntil,
        })
        .where(and(isWebhook(owner, webhookId), eq(webhooks.secretVersion, version)));
      return find(owner, webhookId);
    },

    async deliveries(webhookId, limit, attempts) {
      const rows = await database
        .select({ delivery: webhookDeliveries, event: webhookEvents })
        .from(webhookDeliveries)
        .innerJoin(webhookEvents, eq(webhookEvents.eventId, webhookDeliveries.eventId))
        .where(eq(webhookDeliveries.webhookId, webhookId))
        .orderBy(desc(webhookEvents.occurredAt), desc(webhookEvents.eventId))
        .limit(limit);
      if (rows.length === 0) return [];
      const made = await database
        .select()
        .from(webhookAttempts)
        .where(
          and(
            eq(webhookAttempts.webhookId, webhookId),
            inArray(
              webhookAttempts.eventId,
              rows.map(({ event }) => event.eventId),
            ),
          ),
        )
        .orderBy(asc(webhookAttempts.number));
      const byEvent = Map.groupBy(made, ({ eventId }) => eventId);
      return rows.map(({ delivery, event }) =>
        deliveryOf(delivery, event, (byEvent.get(event.eventId) ?? []).slice(-attempts)),
      );
    },

    addTest: (webhookId, event, due) =>
      inTransaction(database, async (transaction) => {
        // One test at a time.
        const [webhook] = await transaction
          .select({ webhookId: webhooks.webhookId })
          .from(webhooks)
          .where(eq(webhooks.webhookId, webhookId))
          .for("update");
        const [pending] = await transaction
          .select({ eventId: webhookEvents.eventId })
          .from(webhookDeliveries)
          .innerJoin(webhookEvents, eq(webhookEvents.eventId, webhookDeliveries.eventId))
          .where(
            and(
              eq(webhookDeliveries.webhookId, webhookId),
              eq(webhookDeliveries.state, "pending"),
              eq(webhookEvents.type, event.type),
            ),
          );
        if (pending) return pending.eventId;
        // Nobody waits for a webhook that was deleted meanwhile.
        if (!webhook) return event.eventId;
        const { eventId } = event;
        await transaction.insert(webhookEvents).values({ ...event, videoId: null });
        await transaction
          .insert(webhookDeliveries)
          .values({ webhookId, eventId, state: "pending", ...columnsOf(due) });
        return eventId;
      }),

    async sendAgain(id, due) {
      await database
        .update(webhookDeliveries)
        .set({ state: "pending", failures: 0, handedOver: false, ...columnsOf(due) })
        .where(
          and(
            isDelivery(id),
            or(isNull(webhookDeliveries.leasedUntil), lte(webhookDeliveries.leasedUntil, due.at)),
          ),
        );
      const [there] = await database
        .select({ eventId: webhookDeliveries.eventId })
        .from(webhookDeliveries)
        .where(isDelivery(id));
      return there !== undefined;
    },
  };
};

const isWebhook = (owner: string, webhookId: string) =>
  and(eq(webhooks.webhookId, webhookId), eq(webhooks.owner, owner));

const columnsOf = ({ at, sweepAt }: Due) => ({ nextAttemptAt: at, sweepAt });

const previousSecretOf = (row: WebhookRow) =>
  row.previousKeyNumber === null || row.previousValidUntil === null
    ? undefined
    : {
        keyNumber: row.previousKeyNumber,
        version: row.secretVersion - 1,
        validUntil: row.previousValidUntil,
      };

/** The secret in use, and the one before it as long as that is good. */
export const secretsOf = (row: WebhookRow, now: Date): SecretName[] => {
  const { webhookId, keyNumber, secretVersion: version } = row;
  const previous = previousSecretOf(row);
  return [
    { webhookId, keyNumber, version },
    ...(previous && previous.validUntil > now ? [{ webhookId, ...previous }] : []),
  ];
};

const recordOf = (row: WebhookRow): WebhookRecord => ({
  webhookId: row.webhookId,
  keyNumber: row.keyNumber,
  version: row.secretVersion,
  url: row.url,
  events: eventsSchema.parse(row.events),
  description: row.description ?? undefined,
  createdAt: row.createdAt,
  requestHash: row.requestHash,
  previousSecret: previousSecretOf(row),
  disabledAt: row.disabledAt ?? undefined,
});

const deliveryOf = (
  delivery: typeof webhookDeliveries.$inferSelect,
  event: typeof webhookEvents.$inferSelect,
  attempts: readonly AttemptRow[],
): Delivery =>
  deliverySchema.parse({
    eventId: event.eventId,
    type: event.type,
    occurredAt: event.occurredAt.toISOString(),
    state: delivery.state === "given-up" ? "failed" : delivery.state,
    ...(delivery.state === "pending" && {
      nextAttemptAt: delivery.nextAttemptAt.toISOString(),
    }),
    attempts: attempts.map(({ number, at, durationMs, status, error }) => ({
      attempt: number,
      at: at.toISOString(),
      durationMs,
      ...(status !== null && { status }),
      ...(error !== null && { error }),
    })),
  });
