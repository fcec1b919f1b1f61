import { randomUUID } from "node:crypto";
import type { WebhookEventType } from "@sluice/contracts";
import { and, eq, inArray, isNull, lt, not, notExists, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/database/database.ts";
import {
  uploads,
  videos,
  webhookDeliveries,
  webhookEvents,
  webhooks,
} from "../../platform/database/schema.ts";
import { eventBody } from "../domain/events.ts";
import { dueNow } from "../domain/hand-over.ts";
import type { DeliveryId, Outbox, WaitingDelivery } from "../ports.ts";

/** The Data API takes 4 MB; what is bound here is small, and one statement is one round trip. */
const rowsPerStatement = 100;

/**
 * Writes what a video's change has to tell, within the transaction of the change: one event, and a
 * delivery for each webhook that listens at this moment. Where nobody listens nothing is written.
 */
export const recordEvent = async (
  transaction: Transaction,
  type: WebhookEventType,
  videoId: string,
): Promise<void> => {
  const [changed] = await transaction
    .select({ video: videos, uploadId: uploads.uploadId })
    .from(videos)
    .innerJoin(uploads, eq(uploads.videoId, videos.videoId))
    .where(eq(videos.videoId, videoId));
  if (!changed) return;
  const { video, uploadId } = changed;
  const listeners = await transaction
    .select({ webhookId: webhooks.webhookId })
    .from(webhooks)
    .where(
      and(
        eq(webhooks.owner, video.owner),
        isNull(webhooks.disabledAt),
        sql`${webhooks.events} @> ${JSON.stringify([type])}::jsonb`,
      ),
    );
  if (listeners.length === 0) return;
  const now = new Date();
  const [event] = await transaction
    .insert(webhookEvents)
    .values({
      ...{ eventId: randomUUID(), owner: video.owner, videoId, type },
      body: eventBody(type, now, { ...factsOf(video), uploadId }),
      correlationId: video.correlationId,
      occurredAt: now,
    })
    .onConflictDoNothing({ target: [webhookEvents.videoId, webhookEvents.type] })
    .returning({ eventId: webhookEvents.eventId });
  if (!event) return;
  const due = dueNow(now);
  await transaction.insert(webhookDeliveries).values(
    listeners.map(({ webhookId }) => ({
      ...{ webhookId, eventId: event.eventId, state: "pending" as const },
      ...{ nextAttemptAt: due.at, sweepAt: due.sweepAt },
    })),
  );
};

const factsOf = (video: typeof videos.$inferSelect) => ({
  videoId: video.videoId,
  title: video.title,
  fileName: video.fileName,
  size: video.sourceBytes ?? undefined,
  durationMs: video.durationMs ?? undefined,
  width: video.width ?? undefined,
  height: video.height ?? undefined,
  failure:
    video.failureCode === null
      ? undefined
      : { code: video.failureCode, message: video.failureMessage ?? "" },
});

export const postgresOutbox = (database: Database): Outbox => {
  const take = (which: Parameters<typeof and>[0]): Promise<WaitingDelivery[]> =>
    database
      .update(webhookDeliveries)
      .set({ sendings: sql`${webhookDeliveries.sendings} + 1`, handedOver: false })
      .from(webhookEvents)
      .where(
        and(
          eq(webhookEvents.eventId, webhookDeliveries.eventId),
          eq(webhookDeliveries.state, "pending"),
          which,
        ),
      )
      .returning({
        webhookId: webhookDeliveries.webhookId,
        eventId: webhookDeliveries.eventId,
        sending: webhookDeliveries.sendings,
        correlationId: webhookEvents.correlationId,
      });

  return {
    takeOfVideo: (videoId) =>
      take(and(eq(webhookEvents.videoId, videoId), not(webhookDeliveries.handedOver))),

    takeDelivery: (id) => take(and(isDelivery(id), not(webhookDeliveries.handedOver))),

    takeOverdue(now, limit) {
      const overdue = database
        .select({ webhookId: webhookDeliveries.webhookId, eventId: webhookDeliveries.eventId })
        .from(webhookDeliveries)
        .where(and(eq(webhookDeliveries.state, "pending"), lt(webhookDeliveries.sweepAt, now)))
        .orderBy(webhookDeliveries.sweepAt)
        .limit(limit)
        // Another sweep takes others.
        .for("update", { skipLocked: true });
      return take(
        sql`(${webhookDeliveries.webhookId}, ${webhookDeliveries.eventId}) IN ${overdue}`,
      );
    },

    async handedOver(deliveries, sweepAt) {
      for (let from = 0; from < deliveries.length; from += rowsPerStatement) {
        const rows = deliveries
          .slice(from, from + rowsPerStatement)
          .map(
            ({ webhookId, eventId, sending }) =>
              sql`(${webhookId}::uuid, ${eventId}::uuid, ${sending}::integer)`,
          );
        await database
          .update(webhookDeliveries)
          .set({ handedOver: true, sweepAt })
          .where(
            sql`(${webhookDeliveries.webhookId}, ${webhookDeliveries.eventId}, ${webhookDeliveries.sendings}) IN (${sql.join(rows, sql`, `)})`,
          );
      }
    },

    async forget(before, limit) {
      const pending = database
        .select({ one: sql`1` })
        .from(webhookDeliveries)
        .where(
          and(
            eq(webhookDeliveries.eventId, webhookEvents.eventId),
            eq(webhookDeliveries.state, "pending"),
          ),
        );
      const old = database
        .select({ eventId: webhookEvents.eventId })
        .from(webhookEvents)
        .where(and(lt(webhookEvents.occurredAt, before), notExists(pending)))
        .limit(limit);
      const gone = await database
        .delete(webhookEvents)
        .where(inArray(webhookEvents.eventId, old))
        .returning({ eventId: webhookEvents.eventId });
      return gone.length;
    },
  };
};

export const isDelivery = ({ webhookId, eventId }: DeliveryId) =>
  and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.eventId, eventId));
