import type { DatabaseSync } from "node:sqlite";

/**
 * - A content is the bytes of an object or of an upload under way: a list of parts, each one blob.
 *   An upload's content has the upload's id, so completing it copies nothing.
 * - Objects name a content; a copy names the same one. Which contents are unused is asked of the
 *   objects, not counted, so it cannot drift.
 * Keys compare as UTF-8 bytes (SQLite's BINARY), which is the order of S3's lists.
 */
export function createTables(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS s3_buckets (
      name TEXT PRIMARY KEY,
      created_at INTEGER NOT NULL,
      configuration TEXT NOT NULL,
      policy TEXT
    ) STRICT;

    CREATE TABLE IF NOT EXISTS s3_contents (
      id TEXT PRIMARY KEY,
      size INTEGER NOT NULL,
      etag TEXT NOT NULL,
      part_count INTEGER,
      checksum_algorithm TEXT,
      checksum_type TEXT,
      checksum TEXT
    ) STRICT;

    CREATE TABLE IF NOT EXISTS s3_parts (
      content_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      start INTEGER NOT NULL,
      size INTEGER NOT NULL,
      blob TEXT NOT NULL,
      md5 TEXT NOT NULL,
      checksum TEXT,
      modified_at INTEGER NOT NULL,
      PRIMARY KEY (content_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS s3_parts_by_blob ON s3_parts (blob);
    CREATE INDEX IF NOT EXISTS s3_parts_by_start ON s3_parts (content_id, start);

    CREATE TABLE IF NOT EXISTS s3_objects (
      bucket TEXT NOT NULL REFERENCES s3_buckets (name),
      key TEXT NOT NULL,
      content_id TEXT NOT NULL REFERENCES s3_contents (id),
      headers TEXT NOT NULL,
      modified_at INTEGER NOT NULL,
      PRIMARY KEY (bucket, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS s3_objects_by_content ON s3_objects (content_id);

    CREATE TABLE IF NOT EXISTS s3_uploads (
      id TEXT PRIMARY KEY,
      bucket TEXT NOT NULL REFERENCES s3_buckets (name),
      key TEXT NOT NULL,
      headers TEXT NOT NULL,
      checksum_algorithm TEXT,
      checksum_type TEXT,
      initiated_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS s3_uploads_by_key ON s3_uploads (bucket, key, id);

    CREATE TABLE IF NOT EXISTS s3_outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      queue_arn TEXT NOT NULL,
      body TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      due_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS s3_outbox_by_due ON s3_outbox (due_at);

    CREATE TABLE IF NOT EXISTS s3_sequencer (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT;
    INSERT OR IGNORE INTO s3_sequencer VALUES (1, 0);
  `);
}
