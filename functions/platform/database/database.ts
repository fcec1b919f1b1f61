import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type * as schema from "./schema.ts";

/**
 * Our tables, whatever carries the statements: the Data API in Lambda, a plain connection in the
 * comparison paths. Adapters use the query builder, never `execute`, whose answer differs.
 */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** What a piece of work inside `inTransaction` is given. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
