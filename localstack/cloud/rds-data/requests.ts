import { z } from "zod";

/** The requests of the Data API, as https://docs.aws.amazon.com/rdsdataservice/latest/APIReference gives them. */

const int64 = z.union([
  z.int(),
  // Integers beyond what a JavaScript number holds exactly; see parseBody.
  z
    .bigint()
    .min(-(2n ** 63n))
    .max(2n ** 63n - 1n),
]);
const double = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

const fieldValue = z.union([
  z.strictObject({ isNull: z.literal(true) }),
  z.strictObject({ booleanValue: z.boolean() }),
  z.strictObject({ longValue: int64 }),
  z.strictObject({ doubleValue: double }),
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ blobValue: z.base64() }),
  z.strictObject({ arrayValue: z.looseObject({}) }),
]);

const typeHint = z.enum(["DATE", "DECIMAL", "JSON", "TIME", "TIMESTAMP", "UUID"]);
export type TypeHint = z.infer<typeof typeHint>;

const sqlParameter = z.strictObject({
  name: z.string().min(1),
  value: fieldValue.optional(),
  typeHint: typeHint.optional(),
});
export type SqlParameter = z.infer<typeof sqlParameter>;

const resultSetOptions = z.strictObject({
  decimalReturnType: z.enum(["STRING", "DOUBLE_OR_LONG"]).default("STRING"),
  longReturnType: z.enum(["LONG", "STRING"]).default("LONG"),
});
export type ResultSetOptions = z.infer<typeof resultSetOptions>;
const defaultResultSetOptions: ResultSetOptions = resultSetOptions.parse({});

// The API reference says at most 100, and the service takes longer ones: the secret that the CDK makes
// for a cluster has such an ARN (https://github.com/soto-project/soto/issues/471).
const arn = z.string().min(11).max(2048);
const target = { resourceArn: arn, secretArn: arn };
const databaseName = z.string().max(64).optional();
const sql = z.string().max(65_536);
const transactionId = z.string().max(192);

export const executeStatementRequest = z.strictObject({
  ...target,
  sql,
  database: databaseName,
  schema: z.string().max(64).optional(),
  parameters: z.array(sqlParameter).default([]),
  transactionId: transactionId.optional(),
  includeResultMetadata: z.boolean().default(false),
  continueAfterTimeout: z.boolean().default(false),
  resultSetOptions: resultSetOptions.default(defaultResultSetOptions),
  formatRecordsAs: z.enum(["NONE", "JSON"]).default("NONE"),
});
export type ExecuteStatementRequest = z.infer<typeof executeStatementRequest>;

export const batchExecuteStatementRequest = z.strictObject({
  ...target,
  sql,
  database: databaseName,
  schema: z.string().max(64).optional(),
  parameterSets: z.array(z.array(sqlParameter)).default([]),
  transactionId: transactionId.optional(),
});

export const beginTransactionRequest = z.strictObject({
  ...target,
  database: databaseName,
  schema: z.string().max(64).optional(),
});

export const endTransactionRequest = z.strictObject({ ...target, transactionId });

/** ES2026 "JSON.parse source text access": Node 24 has it, the library's types not yet. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;
const parseWithSource = JSON.parse as ParseWithSource;

/** JSON as it is, except that a `longValue` too big for a JavaScript number comes as a bigint. */
export function parseBody(text: string): unknown {
  if (!/"longValue"\s*:\s*-?\d{16}/.test(text)) return JSON.parse(text);
  return parseWithSource(text, (key, value, { source }) =>
    key === "longValue" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
  );
}
