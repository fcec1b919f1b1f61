import { type FieldDef, type PoolClient, Query, type ResultBuilder } from "pg";
import { unsupportedResult } from "../errors.ts";
import type { BoundStatement } from "./bind.ts";

/** What PostgreSQL answered, in its text form. */
export interface RawResult {
  readonly fields: readonly FieldDef[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** `SELECT`, `INSERT`, …; empty for an empty statement. */
  readonly command: string;
  /** Rows that the command touched or returned. */
  readonly rowCount: number;
}

/** "The response size limit is 1 MiB … 64 KB per row in the result set returned by the database." */
export const maxResponseBytes = 1024 * 1024;
const maxRowBytes = 64 * 1024;

export const tooLarge = () =>
  unsupportedResult("Database returned more than the allowed response size limit");

const asText = { getTypeParser: () => (value: string) => value };

/**
 * Runs one statement. Rows past the limits are dropped as they come, so that no answer of PostgreSQL,
 * however large, is held in memory; `cancel` is then asked to end the statement.
 *
 * @throws DatabaseError of PostgreSQL; AwsError UnsupportedResultException past the limits
 */
export function run(
  client: PoolClient,
  statement: Pick<BoundStatement, "text" | "values">,
  options: { readonly maxBytes: number; readonly cancel: () => void },
): Promise<RawResult> {
  const rows: (string | null)[][] = [];
  let bytes = 0;
  let refusal: Error | undefined;
  return new Promise((resolve, reject) => {
    const query = new Query<(string | null)[]>({
      text: statement.text,
      values: [...statement.values],
      types: asText,
      // The simple protocol would take several statements in one text.
      queryMode: "extended",
      rowMode: "array",
    } as ConstructorParameters<typeof Query>[0]);
    query.on("row", (row) => {
      if (refusal) return;
      const rowBytes = row.reduce((sum, value) => sum + (value === null ? 4 : value.length), 0);
      bytes += rowBytes;
      if (rowBytes > maxRowBytes)
        refusal = unsupportedResult("Packet for query is too large: a row is over 64 KB");
      else if (bytes > options.maxBytes) refusal = tooLarge();
      if (!refusal) return void rows.push(row);
      rows.length = 0;
      options.cancel();
    });
    query.on("error", (error) => reject(refusal ?? error));
    query.on("end", (result: ResultBuilder<(string | null)[]>) => {
      if (refusal) return reject(refusal);
      resolve({
        fields: result.fields ?? [],
        rows,
        command: result.command ?? "",
        rowCount: result.rowCount ?? 0,
      });
    });
    client.query(query);
  });
}
