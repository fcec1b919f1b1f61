import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly createdAt: number;
  readonly changedAt: number;
  /** Milliseconds since the epoch; from then on the secret is gone. */
  readonly deleteAt: number | undefined;
}

export interface SecretValue {
  readonly text?: string | undefined;
  readonly bytes?: Uint8Array | undefined;
}

export interface SecretVersion extends SecretValue {
  readonly versionId: string;
  readonly createdAt: number;
  readonly stages: readonly string[];
}

const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullable().transform((value) => value ?? undefined);

const secretRow = z
  .object({
    arn: z.string(),
    name: z.string(),
    description: optional(z.string()),
    tags: z.string(),
    created_at: z.number(),
    changed_at: z.number(),
    delete_at: optional(z.number()),
  })
  .transform(
    (row): Secret => ({
      arn: row.arn,
      name: row.name,
      description: row.description,
      tags: z.array(z.object({ Key: z.string(), Value: z.string() })).parse(JSON.parse(row.tags)),
      createdAt: row.created_at,
      changedAt: row.changed_at,
      deleteAt: row.delete_at,
    }),
  );

const versionRow = z
  .object({
    version_id: z.string(),
    text: optional(z.string()),
    bytes: optional(z.instanceof(Uint8Array)),
    created_at: z.number(),
    stages: z.string(),
  })
  .transform(
    (row): SecretVersion => ({
      versionId: row.version_id,
      text: row.text,
      bytes: row.bytes,
      createdAt: row.created_at,
      stages: z.array(z.string()).parse(JSON.parse(row.stages)),
    }),
  );

export type SecretStore = ReturnType<typeof openSecretStore>;

/** The tables `secretsmanager_*`. Callers wrap what belongs together into a transaction. */
export function openSecretStore(database: DatabaseSync) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS secretsmanager_secrets (
      arn TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      description TEXT,
      tags TEXT NOT NULL DEFAULT '[]',
      policy TEXT,
      created_at INTEGER NOT NULL,
      changed_at INTEGER NOT NULL,
      delete_at INTEGER,
      -- What the template said of the value when it was last taken from there.
      template_mark TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS secretsmanager_versions (
      arn TEXT NOT NULL REFERENCES secretsmanager_secrets ON DELETE CASCADE,
      version_id TEXT NOT NULL,
      text TEXT,
      bytes BLOB,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (arn, version_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS secretsmanager_stages (
      arn TEXT NOT NULL,
      stage TEXT NOT NULL,
      version_id TEXT NOT NULL,
      PRIMARY KEY (arn, stage),
      FOREIGN KEY (arn, version_id) REFERENCES secretsmanager_versions ON DELETE CASCADE
    ) STRICT;
  `);

  const versionColumns = `version_id, text, bytes, created_at,
    (SELECT coalesce(json_group_array(stage), '[]') FROM secretsmanager_stages AS s
     WHERE s.arn = v.arn AND s.version_id = v.version_id) AS stages`;

  return {
    /** By name, by ARN, or by ARN without its six random characters. */
    find(secretId: string): Secret | undefined {
      const row = database
        .prepare(
          "SELECT * FROM secretsmanager_secrets WHERE name = ?1 OR arn = ?1 OR substr(arn, 1, length(arn) - 7) = ?1",
        )
        .get(secretId);
      return row && secretRow.parse(row);
    },

    insert(secret: Secret): void {
      database
        .prepare(
          `INSERT INTO secretsmanager_secrets (arn, name, description, tags, created_at, changed_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(
          secret.arn,
          secret.name,
          secret.description ?? null,
          JSON.stringify(secret.tags),
          secret.createdAt,
          secret.changedAt,
        );
    },

    describe(arn: string, description: string | undefined): void {
      database
        .prepare("UPDATE secretsmanager_secrets SET description = ? WHERE arn = ?")
        .run(description ?? null, arn);
    },

    setPolicy(arn: string, policy: string | undefined): void {
      database
        .prepare("UPDATE secretsmanager_secrets SET policy = ? WHERE arn = ?")
        .run(policy ?? null, arn);
    },

    templateMark(arn: string): string | undefined {
      const row = database
        .prepare("SELECT template_mark FROM secretsmanager_secrets WHERE arn = ?")
        .get(arn);
      return typeof row?.template_mark === "string" ? row.template_mark : undefined;
    },

    setTemplateMark(arn: string, mark: string): void {
      database
        .prepare("UPDATE secretsmanager_secrets SET template_mark = ? WHERE arn = ?")
        .run(mark, arn);
    },

    scheduleDeletion(arn: string, deleteAt: number | undefined): void {
      database
        .prepare("UPDATE secretsmanager_secrets SET delete_at = ? WHERE arn = ?")
        .run(deleteAt ?? null, arn);
    },

    delete(arn: string): void {
      database.prepare("DELETE FROM secretsmanager_secrets WHERE arn = ?").run(arn);
    },

    deleteDue(now: number): void {
      database.prepare("DELETE FROM secretsmanager_secrets WHERE delete_at <= ?").run(now);
    },

    /** All secrets by name. */
    list(): Secret[] {
      return database
        .prepare("SELECT * FROM secretsmanager_secrets ORDER BY name")
        .all()
        .map((row) => secretRow.parse(row));
    },

    versions(arn: string): SecretVersion[] {
      return database
        .prepare(
          `SELECT ${versionColumns} FROM secretsmanager_versions AS v WHERE arn = ? ORDER BY created_at, version_id`,
        )
        .all(arn)
        .map((row) => versionRow.parse(row));
    },

    addVersion(arn: string, versionId: string, value: SecretValue, createdAt: number): void {
      database
        .prepare(
          "INSERT INTO secretsmanager_versions (arn, version_id, text, bytes, created_at) VALUES (?, ?, ?, ?, ?)",
        )
        .run(arn, versionId, value.text ?? null, value.bytes ?? null, createdAt);
      database
        .prepare("UPDATE secretsmanager_secrets SET changed_at = ? WHERE arn = ?")
        .run(createdAt, arn);
    },

    /** A stage is at one version: putting it there takes it away from where it was. */
    putStage(arn: string, stage: string, versionId: string): void {
      database
        .prepare(
          `INSERT INTO secretsmanager_stages (arn, stage, version_id) VALUES (?, ?, ?)
           ON CONFLICT (arn, stage) DO UPDATE SET version_id = excluded.version_id`,
        )
        .run(arn, stage, versionId);
    },

    /** Deletes the oldest versions without a stage, so that at most `keep` of those stay. */
    pruneVersions(arn: string, keep: number): void {
      database
        .prepare(
          `DELETE FROM secretsmanager_versions WHERE arn = ?1 AND version_id IN (
             SELECT version_id FROM secretsmanager_versions AS v
             WHERE arn = ?1 AND NOT EXISTS (
               SELECT 1 FROM secretsmanager_stages AS s
               WHERE s.arn = v.arn AND s.version_id = v.version_id)
             ORDER BY created_at DESC, version_id LIMIT -1 OFFSET ?2)`,
        )
        .run(arn, keep);
    },
  };
}
