import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The id of the one API that the embedded cloud has; its own address is `{id}.execute-api.…`. */
export function restApiId(dataDir: string): string {
  const database = new DatabaseSync(join(dataDir, "state.sqlite"), { readOnly: true });
  try {
    const row = database
      .prepare(
        "SELECT physical_id AS id FROM cloudformation_resources WHERE type = 'AWS::ApiGateway::RestApi'",
      )
      .get();
    if (typeof row?.id !== "string") throw new Error("The data directory holds no API.");
    return row.id;
  } finally {
    database.close();
  }
}
