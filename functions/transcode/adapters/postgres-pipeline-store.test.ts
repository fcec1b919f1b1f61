import { eq } from "drizzle-orm";
import { afterAll, beforeAll } from "vitest";
import { migrations } from "../../platform/database/migrations/index.ts";
import { migrate } from "../../platform/database/migrator.ts";
import { videos } from "../../platform/database/schema.ts";
import { startPostgres, type TestDatabase } from "../../platform/testing/postgres.ts";
import { describePipelineStore } from "../testing/pipeline-store-contract.ts";
import { postgresPipelineStore } from "./postgres-pipeline-store.ts";

let postgres: TestDatabase;
beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.database, migrations);
});
afterAll(() => postgres[Symbol.asyncDispose]());

describePipelineStore("PostgreSQL", () => ({
  store: postgresPipelineStore(postgres.database),
  addVideo: async (videoId, status) => {
    await postgres.database.insert(videos).values({
      ...{ videoId, status, owner: "owner", title: "Film", fileName: "film.mp4" },
      ...{ sourceBytes: 1_000, correlationId: "correlation" },
    });
  },
  removeVideo: async (videoId) => {
    await postgres.database.delete(videos).where(eq(videos.videoId, videoId));
  },
}));
