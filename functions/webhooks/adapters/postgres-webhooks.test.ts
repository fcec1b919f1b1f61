import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { uploads, videos } from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { describeWebhooks } from "../testing/webhooks-contract.ts";
import { postgresDeliveryStore } from "./postgres-delivery-store.ts";
import { postgresOutbox, recordEvent } from "./postgres-outbox.ts";
import { postgresWebhookStore } from "./postgres-webhook-store.ts";

let started: TestDatabase;
beforeAll(async () => {
  started = await startDatabase();
});
afterAll(() => started[Symbol.asyncDispose]());

describeWebhooks("PostgreSQL", () => {
  const { database } = started;
  return {
    store: postgresWebhookStore(database),
    outbox: postgresOutbox(database),
    deliveries: postgresDeliveryStore(database),
    addVideo: async (owner) => {
      const videoId = randomUUID();
      await database.insert(videos).values({
        ...{ videoId, owner, status: "ready", title: "Film", fileName: "film.mp4" },
        ...{ sourceBytes: 1_000, durationMs: 60_000, width: 1_280, height: 720 },
        correlationId: "correlation-1",
      });
      await database.insert(uploads).values({
        ...{ uploadId: randomUUID(), videoId, owner, state: "completed", requestHash: "hash" },
        ...{ sizeBytes: 1_000, partBytes: 1_000, idempotencyKey: randomUUID() },
      });
      return videoId;
    },
    change: (_, type, videoId) =>
      inTransaction(database, (transaction) => recordEvent(transaction, type, videoId)),
  };
});
