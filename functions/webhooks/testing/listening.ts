import { randomUUID } from "node:crypto";
import { webhookEventTypes } from "@sluice/contracts";
import { asc, eq } from "drizzle-orm";
import type { Database } from "../../platform/database/database.ts";
import { webhookEvents } from "../../platform/database/schema.ts";
import { postgresWebhookStore } from "../adapters/postgres-webhook-store.ts";

/** Has somebody listen to everything that happens to an owner's videos. */
export const listenTo = async (database: Database, owner: string): Promise<void> => {
  await postgresWebhookStore(database).create(
    {
      ...{ webhookId: randomUUID(), owner, url: "https://example.com/", keyNumber: 1 },
      ...{ events: webhookEventTypes, description: undefined },
      ...{ idempotencyKey: "listening", requestHash: "hash" },
    },
    1,
  );
};

/** Types of the events that were recorded of a video, oldest first. */
export const toldOf = async (database: Database, videoId: string): Promise<string[]> => {
  const rows = await database
    .select({ type: webhookEvents.type })
    .from(webhookEvents)
    .where(eq(webhookEvents.videoId, videoId))
    .orderBy(asc(webhookEvents.occurredAt));
  return rows.map(({ type }) => type);
};
