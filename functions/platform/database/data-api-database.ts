import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { drizzle } from "drizzle-orm/aws-data-api/pg";
import { z } from "zod";
import type { Database } from "./database.ts";
import { whileResuming } from "./resuming.ts";
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

/**
 * Our database behind the RDS Data API.
 *
 * @param client only tests pass their own
 */
export const openDatabase = (
  location: DatabaseLocation,
  client: RDSDataClient = new RDSDataClient({ maxAttempts: 3 }),
): Database => {
  client.middlewareStack.add((next) => (args) => whileResuming(() => next(args)), {
    step: "initialize",
    name: "whileResuming",
  });
  return drizzle(client, {
    resourceArn: location.clusterArn,
    secretArn: location.secretArn,
    database: location.databaseName,
    schema,
  });
};
