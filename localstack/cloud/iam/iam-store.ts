import type { DatabaseSync } from "node:sqlite";

export type IamKind = "role" | "policy" | "managed-policy";

export type IamStore = ReturnType<typeof openIamStore>;

/** The table `iam_entities`: what templates say of roles and policies, as JSON. */
export function openIamStore(database: DatabaseSync) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS iam_entities (
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      document TEXT NOT NULL,
      PRIMARY KEY (kind, name)
    ) STRICT;
  `);
  return {
    put(kind: IamKind, name: string, document: unknown): void {
      database
        .prepare(
          `INSERT INTO iam_entities (kind, name, document) VALUES (?, ?, ?)
           ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document`,
        )
        .run(kind, name, JSON.stringify(document));
    },

    find(kind: IamKind, name: string): unknown {
      const row = database
        .prepare("SELECT document FROM iam_entities WHERE kind = ? AND name = ?")
        .get(kind, name);
      return row ? JSON.parse(String(row.document)) : undefined;
    },

    delete(kind: IamKind, name: string): void {
      database.prepare("DELETE FROM iam_entities WHERE kind = ? AND name = ?").run(kind, name);
    },
  };
}
