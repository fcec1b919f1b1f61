import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ServiceFunction } from "./service-function.ts";

export const databaseName = "sluice";

/** What a function needs to reach the database. */
export interface DatabaseAccess {
  readonly clusterArn: string;
  readonly secretArn: string;
  /** Set when the Data API is not AWS's own. */
  readonly endpoint?: string;
}

/** The Data API is reached with the caller's rights, and opens the secret with them too. */
export function allowDatabase(
  access: DatabaseAccess,
  ...functions: readonly ServiceFunction[]
): void {
  for (const each of functions) {
    each.addEnvironment("DATABASE_CLUSTER_ARN", access.clusterArn);
    each.addEnvironment("DATABASE_SECRET_ARN", access.secretArn);
    each.addEnvironment("DATABASE_NAME", databaseName);
    // Every SDK reads it (AWS SDKs and Tools guide, "Service-specific endpoints").
    if (access.endpoint) each.addEnvironment("AWS_ENDPOINT_URL_RDS_DATA", access.endpoint);
    each.allow(
      new PolicyStatement({
        actions: [
          "rds-data:ExecuteStatement",
          "rds-data:BatchExecuteStatement",
          "rds-data:BeginTransaction",
          "rds-data:CommitTransaction",
          "rds-data:RollbackTransaction",
        ],
        resources: [access.clusterArn],
      }),
      new PolicyStatement({
        actions: ["secretsmanager:GetSecretValue"],
        resources: [access.secretArn],
      }),
    );
  }
}
