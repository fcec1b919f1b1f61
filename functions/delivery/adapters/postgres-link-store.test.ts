import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { videos } from "../../platform/database/schema.ts";
import { startDatabase, type TestDatabase } from "../../platform/testing/database.ts";
import { describeLinkStore } from "../testing/link-store-contract.ts";
import {
  postgresLinkStore,
  postgresPublications,
  postgresRevocationLedger,
} from "./postgres-link-store.ts";

let started: TestDatabase;
beforeAll(async () => {
  started = await startDatabase();
});
afterAll(() => started[Symbol.asyncDispose]());

describeLinkStore("PostgreSQL", () => ({
  links: postgresLinkStore(started.database),
  ledger: postgresRevocationLedger(started.database),
  publications: postgresPublications(started.database),
  async addVideo(owner) {
    const videoId = randomUUID();
    await started.database.insert(videos).values({
      ...{ videoId, owner, title: "Film", fileName: "film.mp4", status: "ready" },
      ...{ sourceBytes: 1, correlationId: "correlation-1", planHash: "hash", frontier: 3 },
    });
    return videoId;
  },
}));
