import { and, count, eq, gt, isNull, lte, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database } from "../../platform/database/database.ts";
import {
  webhookAttempts,
  webhookDeliveries,
  webhookEvents,
  webhooks,
} from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import type { DeliveryId, DeliveryStore } from "../ports.ts";
import { isDelivery } from "./postgres-outbox.ts";
import { secretsOf } from "./postgres-webhook-store.ts";

export const postgresDeliveryStore = (database: Database): DeliveryStore => {
  const find = async (id: DeliveryId) => {
    const [row] = await database
      .select({ delivery: webhookDeliveries, webhook: webhooks, event: webhookEvents })
      .from(webhookDeliveries)
      .innerJoin(webhooks, eq(webhooks.webhookId, webhookDeliveries.webhookId))
      .innerJoin(webhookEvents, eq(webhookEvents.eventId, webhookDeliveries.eventId))
      .where(isDelivery(id));
    return row;
  };

  return {
    async begin({ sending, ...id }, now, leasedUntil, maxConcurrent) {
      const found = await find(id);
      if (!found || found.delivery.sendings !== sending) return { state: "done" };
      const { delivery, webhook, event } = found;
      if (delivery.state === "given-up") return { state: "given-up" };
      if (delivery.state !== "pending") return { state: "done" };
      if (webhook.disabledAt) {
        await database
          .update(webhookDeliveries)
          .set({ state: "failed", leasedUntil: null })
          .where(and(isDelivery(id), eq(webhookDeliveries.state, "pending")));
        return { state: "done" };
      }
      const until = new Date(
        Math.max(delivery.nextAttemptAt.getTime(), delivery.leasedUntil?.getTime() ?? 0),
      );
      if (until > now) return { state: "waiting", until };

      const other = alias(webhookDeliveries, "other_delivery");
      const underWay = database
        .select({ count: count() })
        .from(other)
        .where(and(eq(other.webhookId, id.webhookId), gt(other.leasedUntil, now)));
      // Everything that was read is asked again: two may have read the same.
      const [claimed] = await database
        .update(webhookDeliveries)
        .set({ attempts: sql`${webhookDeliveries.attempts} + 1`, leasedUntil })
        .where(
          and(
            isDelivery(id),
            eq(webhookDeliveries.state, "pending"),
            eq(webhookDeliveries.sendings, sending),
            eq(webhookDeliveries.attempts, delivery.attempts),
            or(isNull(webhookDeliveries.leasedUntil), lte(webhookDeliveries.leasedUntil, now)),
            sql`(${underWay}) < ${maxConcurrent}`,
          ),
        )
        .returning({ number: webhookDeliveries.attempts });
      if (!claimed) return { state: "busy" };
      return {
        state: "claimed",
        attempt: {
          ...id,
          url: webhook.url,
          secrets: secretsOf(webhook, now),
          type: event.type,
          body: event.body,
          number: claimed.number,
          failures: delivery.failures,
        },
      };
    },

    async end(attempt, record, verdict) {
      const { webhookId, eventId, number } = attempt;
      await inTransaction(database, async (transaction) => {
        const [delivery] = await transaction
          .select({ attempts: webhookDeliveries.attempts, state: webhookDeliveries.state })
          .from(webhookDeliveries)
          .where(isDelivery(attempt))
          .for("update");
        // Its webhook was deleted meanwhile.
        if (!delivery) return;
        await transaction
          .insert(webhookAttempts)
          .values({ webhookId, eventId, number, ...record })
          .onConflictDoNothing();
        const isLatest = delivery.attempts === number && delivery.state === "pending";
        if (verdict.state === "succeeded" || isLatest) {
          await transaction
            .update(webhookDeliveries)
            .set({
              state: verdict.state,
              leasedUntil: null,
              ...(verdict.state !== "succeeded" && {
                failures: sql`${webhookDeliveries.failures} + 1`,
              }),
              ...(verdict.state === "pending" && {
                nextAttemptAt: verdict.due.at,
                sweepAt: verdict.due.sweepAt,
              }),
            })
            .where(isDelivery(attempt));
        }
        if (verdict.state === "failed" && verdict.disables) {
          await transaction
            .update(webhooks)
            .set({ disabledAt: record.at })
            .where(and(eq(webhooks.webhookId, webhookId), isNull(webhooks.disabledAt)));
        }
      });
    },
  };
};
