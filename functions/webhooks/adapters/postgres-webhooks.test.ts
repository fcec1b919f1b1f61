import { randomUUID } from "node:crypto";
import type { WebhookMessage } from "@sluice/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { uploads, videos } from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { postgresUploadStore } from "../../upload/adapters/postgres-upload-store.ts";
import { newUpload } from "../../upload/testing/upload-store-contract.ts";
import { sweepWebhooks } from "../domain/hand-over.ts";
import { listenTo } from "../testing/listening.ts";
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

it("sends by the next sweep what a kill left between a change and its message", async () => {
  // Prepare
  const { database } = started;
  const upload = newUpload({ owner: `owner-${randomUUID()}`, correlationId: randomUUID() });
  const store = postgresUploadStore(database);
  await listenTo(database, upload.owner);
  await store.create(upload);
  const sent: WebhookMessage[] = [];
  const now = () => new Date(Date.now() + 2 * 60_000);
  const queue = {
    send: async (messages: readonly WebhookMessage[]) => void sent.push(...messages),
  };
  const dying = { send: () => Promise.reject(new Error("killed")) };
  const outbox = postgresOutbox(database);
  const ofUpload = () => sent.filter(({ correlationId }) => correlationId === upload.correlationId);

  // Act: killed before the message, and again by the sweep.
  await store.markCompleted(upload.uploadId, "parts", 1_000);
  await expect(sweepWebhooks({ outbox, queue: dying, now })).rejects.toThrow("killed");
  await sweepWebhooks({ outbox, queue, now });
  await sweepWebhooks({ outbox, queue, now });

  // Assess
  expect(ofUpload()).toMatchObject([{ version: 1, sending: 2 }]);
  const [message] = ofUpload();
  if (!message) throw new Error("Nothing was sent.");
  const claim = await postgresDeliveryStore(database).begin(message, now(), now(), 5);
  expect(claim).toMatchObject({
    attempt: { body: expect.stringContaining(`"uploadId":"${upload.uploadId}"`) },
  });
});
