import type { DatabaseSync } from "node:sqlite";

/**
 * Transactions over one connection. An inner call joins the outer one as a savepoint, so that a
 * caller who catches an inner failure does not commit half of it.
 */
export function createTransactions(database: DatabaseSync): <T>(work: () => T) => T {
  let depth = 0;

  return function transaction<T>(work: () => T): T {
    const [begin, commit, rollback] =
      depth === 0
        ? // IMMEDIATE takes the write lock at once: no transaction fails half way through.
          ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"]
        : [
            `SAVEPOINT nested_${depth}`,
            `RELEASE nested_${depth}`,
            `ROLLBACK TO nested_${depth}; RELEASE nested_${depth}`,
          ];
    database.exec(begin);
    depth += 1;
    try {
      const result = work();
      if (result instanceof Promise) {
        // Other work would run inside the open transaction while this one waits.
        result.catch(() => {});
        throw new TypeError("The work of a transaction must be synchronous.");
      }
      database.exec(commit);
      return result;
    } catch (error) {
      // SQLite ends the transaction by itself on some errors (a full disk, for example).
      if (database.isTransaction) database.exec(rollback);
      throw error;
    } finally {
      depth -= 1;
    }
  };
}
