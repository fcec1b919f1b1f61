import { setTimeout as delay } from "node:timers/promises";
import { DatabaseResumingException, RDSDataClient } from "@aws-sdk/client-rds-data";
import { drizzle } from "drizzle-orm/aws-data-api/pg";
import { z } from "zod";
import type { Database } from "./database.ts";
import * as schema from "./schema.ts";

/** The variables that the architecture calls `DB`. */
export const databaseEnvironment = {
  DATABASE_CLUSTER_ARN: z.string().min(1),
  DATABASE_SECRET_ARN: z.string().min(1),
  DATABASE_NAME: z.string().min(1),
};

export interface DatabaseLocation {
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly databaseName: string;
}

export const databaseLocation = (environment: {
  readonly DATABASE_CLUSTER_ARN: string;
  readonly DATABASE_SECRET_ARN: string;
  readonly DATABASE_NAME: string;
}): DatabaseLocation => ({
  clusterArn: environment.DATABASE_CLUSTER_ARN,
  secretArn: environment.DATABASE_SECRET_ARN,
  databaseName: environment.DATABASE_NAME,
});

/** API Gateway answers 504 after 29 s; a cluster that wakes usually takes 15. */
const resumeBudgetMs = 22_000;

/**
 * Our database behind the RDS Data API.
 *
 * @param client only tests pass their own
 */
export const openDatabase = (
  location: DatabaseLocation,
  client: RDSDataClient = new RDSDataClient({ maxAttempts: 3 }),
): Database => {
  client.middlewareStack.add(
    (next) => async (args) => {
      const giveUpAt = performance.now() + resumeBudgetMs;
      for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 2_000)) {
        try {
          return await next(args);
        } catch (error) {
          // Aurora that scaled to zero refuses while it wakes; the statement has not run.
          if (!(error instanceof DatabaseResumingException)) throw error;
          const jittered = waitMs * (0.5 + Math.random());
          if (performance.now() + jittered > giveUpAt) throw error;
          await delay(jittered);
        }
      }
    },
    { step: "initialize", name: "waitWhileTheDatabaseResumes" },
  );
  return drizzle(client, {
    resourceArn: location.clusterArn,
    secretArn: location.secretArn,
    database: location.databaseName,
    schema,
  });
};
