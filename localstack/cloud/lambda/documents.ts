import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

/** A kind of small record kept as JSON: functions, layers, mappings. Written seldom, read at start. */
export interface Documents<T> {
  get(id: string): T | undefined;
  put(id: string, document: T): void;
  delete(id: string): void;
  all(): T[];
}

const row = z.object({ document: z.string() });

export function documents<T>(
  database: DatabaseSync,
  kind: string,
  schema: z.ZodType<T>,
): Documents<T> {
  database.exec(`CREATE TABLE IF NOT EXISTS lambda_documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID`);
  const read = (found: unknown) => schema.parse(JSON.parse(row.parse(found).document));
  const get = database.prepare("SELECT document FROM lambda_documents WHERE kind = ? AND id = ?");
  const all = database.prepare("SELECT document FROM lambda_documents WHERE kind = ? ORDER BY id");
  const put = database.prepare("INSERT OR REPLACE INTO lambda_documents VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM lambda_documents WHERE kind = ? AND id = ?");
  return {
    get(id) {
      const found = get.get(kind, id);
      return found ? read(found) : undefined;
    },
    put: (id, document) => void put.run(kind, id, JSON.stringify(document)),
    delete: (id) => void remove.run(kind, id),
    all: () => all.all(kind).map(read),
  };
}
