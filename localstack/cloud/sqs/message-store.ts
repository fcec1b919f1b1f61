import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";

/**
 * Messages at rest. `visible_at` carries delay and visibility timeout alike: a message may be
 * received once it lies in the past. A receipt is what the last receiver was given.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS sqs_queues (
    name TEXT PRIMARY KEY,
    attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sqs_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL REFERENCES sqs_queues (name) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    first_received_at INTEGER,
    receive_count INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    held_by_cloud INTEGER NOT NULL DEFAULT 0,
    dead_letter_source TEXT,
    is_copy INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sqs_messages_visible ON sqs_messages (queue, visible_at, id);
  CREATE INDEX IF NOT EXISTS sqs_messages_sent ON sqs_messages (queue, sent_at);
  CREATE INDEX IF NOT EXISTS sqs_messages_in_flight ON sqs_messages (queue, visible_at) WHERE receipt IS NOT NULL;
  CREATE INDEX IF NOT EXISTS sqs_messages_held ON sqs_messages (held_by_cloud) WHERE held_by_cloud = 1;
`;

const queueRow = z.object({
  name: z.string(),
  attributes: z.string(),
  created_at: z.number(),
  modified_at: z.number(),
});

const messageRow = z.object({
  id: z.number(),
  queue: z.string(),
  message_id: z.string(),
  body: z.string(),
  attributes: z.string(),
  sent_at: z.number(),
  visible_at: z.number(),
  first_received_at: z.number().nullable(),
  receive_count: z.number(),
  receipt: z.string().nullable(),
  held_by_cloud: z.number(),
  dead_letter_source: z.string().nullable(),
  is_copy: z.number(),
});

export type QueueRow = z.infer<typeof queueRow>;
export type MessageRow = z.infer<typeof messageRow>;
export type NewMessage = Omit<
  MessageRow,
  "id" | "first_received_at" | "receive_count" | "receipt" | "held_by_cloud"
>;

const numberIn = (row: unknown, column: string) => {
  const value = z.record(z.string(), z.number().nullable()).parse(row)[column];
  return value ?? undefined;
};

/** Statements over the tables `sqs_*`; every rule lives in `queues.ts`. */
export function openMessageStore(database: DatabaseSync) {
  database.exec(schema);
  const sql = {
    queues: database.prepare("SELECT * FROM sqs_queues ORDER BY name"),
    putQueue: database.prepare(
      `INSERT INTO sqs_queues VALUES (:name, :attributes, :created_at, :modified_at)
       ON CONFLICT (name) DO UPDATE SET attributes = :attributes, modified_at = :modified_at`,
    ),
    deleteQueue: database.prepare("DELETE FROM sqs_queues WHERE name = ?"),
    purge: database.prepare("DELETE FROM sqs_messages WHERE queue = ?"),
    insert: database.prepare(
      `INSERT INTO sqs_messages
         (queue, message_id, body, attributes, sent_at, visible_at, dead_letter_source, is_copy)
       VALUES (:queue, :message_id, :body, :attributes, :sent_at, :visible_at, :dead_letter_source, :is_copy)`,
    ),
    receivable: database.prepare(
      "SELECT * FROM sqs_messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?",
    ),
    nextVisible: database.prepare(
      "SELECT visible_at AS at FROM sqs_messages WHERE queue = ? ORDER BY visible_at LIMIT 1",
    ),
    byId: database.prepare("SELECT * FROM sqs_messages WHERE id = ?"),
    receive: database.prepare(
      `UPDATE sqs_messages SET receipt = ?, visible_at = ?, held_by_cloud = ?,
         receive_count = receive_count + 1, first_received_at = coalesce(first_received_at, ?)
       WHERE id = ?`,
    ),
    setVisible: database.prepare("UPDATE sqs_messages SET visible_at = ? WHERE id = ?"),
    abandon: database.prepare("UPDATE sqs_messages SET held_by_cloud = 0 WHERE id = ?"),
    release: database.prepare(
      `UPDATE sqs_messages SET visible_at = ?, held_by_cloud = 0, receipt = NULL,
         receive_count = max(0, receive_count - 1) WHERE id = ?`,
    ),
    releaseHeld: database.prepare(
      `UPDATE sqs_messages SET visible_at = ?, held_by_cloud = 0, receipt = NULL,
         receive_count = max(0, receive_count - 1) WHERE held_by_cloud = 1`,
    ),
    delete: database.prepare("DELETE FROM sqs_messages WHERE id = ?"),
    expire: database.prepare("DELETE FROM sqs_messages WHERE queue = ? AND sent_at <= ?"),
    move: database.prepare(
      `UPDATE sqs_messages SET queue = ?, visible_at = ?, receipt = NULL, held_by_cloud = 0,
         receive_count = 0, first_received_at = NULL, dead_letter_source = ? WHERE id = ?`,
    ),
    resend: database.prepare(
      `UPDATE sqs_messages SET queue = ?, message_id = ?, sent_at = ?, visible_at = ?, receipt = NULL,
         receive_count = 0, first_received_at = NULL, dead_letter_source = NULL WHERE id = ?`,
    ),
    counts: database.prepare(
      `SELECT coalesce(sum(visible_at <= :now), 0) AS visible,
              coalesce(sum(visible_at > :now AND receipt IS NOT NULL), 0) AS in_flight,
              coalesce(sum(visible_at > :now AND receipt IS NULL), 0) AS delayed
       FROM sqs_messages WHERE queue = :queue`,
    ),
    inFlight: database.prepare(
      "SELECT count(*) AS n FROM sqs_messages WHERE queue = ? AND receipt IS NOT NULL AND visible_at > ?",
    ),
  };

  return {
    queues: () => z.array(queueRow).parse(sql.queues.all()),
    putQueue: (row: QueueRow) => void sql.putQueue.run({ ...row }),
    deleteQueue(name: string) {
      sql.purge.run(name);
      sql.deleteQueue.run(name);
    },
    purge: (queue: string) => void sql.purge.run(queue),
    insert: (message: NewMessage) => void sql.insert.run({ ...message }),
    receivable: (queue: string, now: number, limit: number) =>
      z.array(messageRow).parse(sql.receivable.all(queue, now, limit)),
    /** When the next message of the queue may be received; undefined if it is empty. */
    nextVisibleAt(queue: string) {
      const row = sql.nextVisible.get(queue);
      return row ? numberIn(row, "at") : undefined;
    },
    byId(id: number) {
      const row = sql.byId.get(id);
      return row ? messageRow.parse(row) : undefined;
    },
    receive: (id: number, receipt: string, until: number, byCloud: boolean, now: number) =>
      void sql.receive.run(receipt, until, byCloud ? 1 : 0, now, id),
    setVisible: (id: number, at: number) => void sql.setVisible.run(at, id),
    abandon: (id: number) => void sql.abandon.run(id),
    release: (id: number, now: number) => void sql.release.run(now, id),
    releaseHeld: (now: number) => Number(sql.releaseHeld.run(now).changes),
    delete: (id: number) => void sql.delete.run(id),
    expire: (queue: string, before: number) => void sql.expire.run(queue, before),
    moveToDeadLetter: (id: number, queue: string, now: number, source: string) =>
      void sql.move.run(queue, now, source, id),
    resend: (id: number, queue: string, messageId: string, now: number) =>
      void sql.resend.run(queue, messageId, now, now, id),
    counts(queue: string, now: number) {
      const row = sql.counts.get({ queue, now });
      return z
        .object({ visible: z.number(), in_flight: z.number(), delayed: z.number() })
        .parse(row);
    },
    inFlight: (queue: string, now: number) => numberIn(sql.inFlight.get(queue, now), "n") ?? 0,
  };
}

export type MessageStore = ReturnType<typeof openMessageStore>;
