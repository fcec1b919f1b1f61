import type { PoolClient } from "pg";
import type { ExecuteStatementRequest } from "../requests.ts";
import type { RawResult } from "../sql/run.ts";
import { columnMetadata } from "./column-metadata.ts";
import { fieldReader, type JsonObject } from "./fields.ts";
import type { TypeCatalog } from "./types.ts";

/** The answer to ExecuteStatement. */
export async function executeStatementResponse(
  request: Pick<
    ExecuteStatementRequest,
    "includeResultMetadata" | "formatRecordsAs" | "resultSetOptions"
  >,
  result: RawResult,
  client: PoolClient,
  catalog: TypeCatalog,
): Promise<JsonObject> {
  // A statement that returns rows, RETURNING too, says nothing else (executeQuery in JDBC's terms).
  if (result.fields.length === 0)
    return { generatedFields: [], numberOfRecordsUpdated: updated(result) };
  const { fields, rows } = result;
  const types = await catalog.describe(
    client,
    fields.map((field) => field.dataTypeID),
  );
  const reader = fieldReader(types, request.resultSetOptions);
  if (request.formatRecordsAs === "JSON") {
    const formatted = rows.map((row) =>
      Object.fromEntries(
        fields.map((field, index) => [
          field.name,
          reader.plain(field.dataTypeID, row[index] ?? null),
        ]),
      ),
    );
    return { formattedRecords: JSON.stringify(formatted), numberOfRecordsUpdated: 0 };
  }
  return {
    ...(request.includeResultMetadata
      ? { columnMetadata: await columnMetadata(client, fields, types) }
      : {}),
    numberOfRecordsUpdated: 0,
    records: rows.map((row) =>
      fields.map((field, index) => reader.field(field.dataTypeID, row[index] ?? null)),
    ),
  };
}

const counting = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"]);

/** PostgreSQL counts rows of other commands too (SELECT INTO); the Data API does not. */
function updated(result: RawResult): number {
  return counting.has(result.command) ? result.rowCount : 0;
}
