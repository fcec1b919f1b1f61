import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const schema = `
  CREATE TABLE IF NOT EXISTS lambda_async_invocations (
    request_id TEXT PRIMARY KEY,
    function_name TEXT NOT NULL,
    payload BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
  ) STRICT;
  DROP INDEX IF EXISTS lambda_async_invocations_due;
  CREATE INDEX IF NOT EXISTS lambda_async_invocations_of ON lambda_async_invocations (function_name, due_at);
`;

const row = z.object({
  request_id: z.string(),
  function_name: z.string(),
  payload: z.instanceof(Uint8Array),
  received_at: z.number(),
  attempts: z.number(),
  due_at: z.number(),
});

export interface AsyncInvocation {
  readonly requestId: string;
  readonly functionName: string;
  readonly payload: Buffer;
  readonly receivedAt: number;
  /** How often it failed. */
  readonly attempts: number;
  readonly dueAt: number;
}

/** Asynchronous invocations that are not done, on disk. */
export function openAsyncStore(database: DatabaseSync) {
  database.exec(schema);
  const sql = {
    insert: database.prepare(
      "INSERT INTO lambda_async_invocations (request_id, function_name, payload, received_at, due_at) VALUES (?, ?, ?, ?, ?)",
    ),
    functions: database.prepare("SELECT DISTINCT function_name FROM lambda_async_invocations"),
    of: database.prepare(
      "SELECT * FROM lambda_async_invocations WHERE function_name = ? ORDER BY due_at, rowid LIMIT ?",
    ),
    retry: database.prepare(
      "UPDATE lambda_async_invocations SET attempts = ?, due_at = ? WHERE request_id = ?",
    ),
    delete: database.prepare("DELETE FROM lambda_async_invocations WHERE request_id = ?"),
  };
  return {
    add: (it: Omit<AsyncInvocation, "attempts">) =>
      void sql.insert.run(it.requestId, it.functionName, it.payload, it.receivedAt, it.dueAt),
    /** Functions that have any. */
    functions: (): string[] =>
      z
        .array(row.pick({ function_name: true }))
        .parse(sql.functions.all())
        .map((it) => it.function_name),
    /** The next ones of a function by the time they are due, then as they came. */
    next: (functionName: string, limit: number): AsyncInvocation[] =>
      z
        .array(row)
        .parse(sql.of.all(functionName, limit))
        .map((it) => ({
          requestId: it.request_id,
          functionName: it.function_name,
          payload: Buffer.from(it.payload),
          receivedAt: it.received_at,
          attempts: it.attempts,
          dueAt: it.due_at,
        })),
    retry: (requestId: string, attempts: number, dueAt: number) =>
      void sql.retry.run(attempts, dueAt, requestId),
    delete: (requestId: string) => void sql.delete.run(requestId),
  };
}

export type AsyncStore = ReturnType<typeof openAsyncStore>;
