import { setTimeout as delay } from "node:timers/promises";
import type { Database, Transaction } from "./database.ts";
import { sqlStateOf, sqlStates } from "./sql-state.ts";

const maxAttempts = 5;
const isRetryable = (error: unknown) => {
  const state = sqlStateOf(error);
  return state === sqlStates.deadlockDetected || state === sqlStates.serializationFailure;
};

/**
 * Runs `work` in one transaction: all of it or nothing. PostgreSQL ends one side of a deadlock and
 * expects it to come again, so `work` may run up to five times and must touch only the database.
 *
 * @throws what `work` threw, also when the roll-back after it fails
 */
export const inTransaction = async <T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    let thrown: { readonly error: unknown } | undefined;
    try {
      return await database.transaction(async (transaction) => {
        try {
          return await work(transaction);
        } catch (error) {
          thrown = { error };
          throw error;
        }
      });
    } catch (rollBackOrCommitError) {
      // drizzle rolls back over the network; a failure there must not hide what went wrong first.
      const error = thrown ? thrown.error : rollBackOrCommitError;
      if (attempt === maxAttempts || !isRetryable(error)) throw error;
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
};
