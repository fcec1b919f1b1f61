import { startDataApi } from "@sluice/cloud/rds-data/testing";
import { openDatabase } from "../database/data-api-database.ts";
import type { Database } from "../database/database.ts";
import { migrations } from "../database/migrations/index.ts";
import { migrate } from "../database/migrator.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
}

/** An empty database of its own, behind the embedded Data API. */
export const startEmptyDatabase = async (): Promise<TestDatabase> => {
  const api = await startDataApi();
  const location = {
    clusterArn: api.resourceArn,
    secretArn: api.secretArn,
    databaseName: "app",
  };
  return {
    database: openDatabase(location, api.client),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
};

/** The same with our tables in it. */
export const startDatabase = async (): Promise<TestDatabase> => {
  const started = await startEmptyDatabase();
  await migrate(started.database, migrations);
  return started;
};
