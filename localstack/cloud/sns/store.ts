import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { AttributeMap } from "./attributes.ts";
import type { PublishedMessage } from "./message.ts";

/**
 * A message is kept once, and a delivery for each subscription that gets it. The message goes with
 * its last delivery.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS sns_topics (
    arn TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sns_subscriptions (
    arn TEXT PRIMARY KEY,
    topic_arn TEXT NOT NULL REFERENCES sns_topics (arn) ON DELETE CASCADE,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (topic_arn, protocol, endpoint)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sns_messages (
    message_id TEXT PRIMARY KEY,
    document TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sns_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL REFERENCES sns_messages (message_id),
    subscription_arn TEXT NOT NULL REFERENCES sns_subscriptions (arn) ON DELETE CASCADE,
    failures INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    is_copy INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sns_deliveries_due ON sns_deliveries (due_at, id);
  CREATE INDEX IF NOT EXISTS sns_deliveries_message ON sns_deliveries (message_id);
  CREATE INDEX IF NOT EXISTS sns_deliveries_subscription ON sns_deliveries (subscription_arn);
`;

const attributeMap = z.string().transform((it) => JSON.parse(it) as AttributeMap);
const topicRow = z.object({
  arn: z.string(),
  name: z.string(),
  attributes: attributeMap,
  tags: attributeMap,
});
const subscriptionRow = z.object({
  arn: z.string(),
  topic_arn: z.string(),
  protocol: z.enum(["sqs", "lambda"]),
  endpoint: z.string(),
  attributes: attributeMap,
});
const deliveryRow = z.object({
  id: z.number(),
  message_id: z.string(),
  subscription_arn: z.string(),
  failures: z.number(),
  is_copy: z.number(),
  document: z.string().transform((it) => JSON.parse(it) as PublishedMessage),
});

export type TopicRow = z.infer<typeof topicRow>;
export type SubscriptionRow = z.infer<typeof subscriptionRow>;

export interface Delivery {
  readonly id: number;
  readonly message: PublishedMessage;
  readonly subscriptionArn: string;
  /** How often it failed. */
  readonly failures: number;
  /** Made by an injected fault. */
  readonly isCopy: boolean;
}

/** Statements over the tables `sns_*`. */
export function openSnsStore(database: DatabaseSync) {
  database.exec(schema);
  const sql = {
    topics: database.prepare("SELECT * FROM sns_topics"),
    putTopic: database.prepare(
      `INSERT INTO sns_topics VALUES (:arn, :name, :attributes, :tags)
       ON CONFLICT (arn) DO UPDATE SET attributes = :attributes, tags = :tags`,
    ),
    deleteTopic: database.prepare("DELETE FROM sns_topics WHERE arn = ?"),
    subscriptions: database.prepare("SELECT * FROM sns_subscriptions"),
    putSubscription: database.prepare(
      `INSERT INTO sns_subscriptions VALUES (:arn, :topic_arn, :protocol, :endpoint, :attributes)
       ON CONFLICT (arn) DO UPDATE SET attributes = :attributes`,
    ),
    deleteSubscription: database.prepare("DELETE FROM sns_subscriptions WHERE arn = ?"),
    addMessage: database.prepare("INSERT INTO sns_messages VALUES (?, ?)"),
    sweepMessages: database.prepare(
      "DELETE FROM sns_messages WHERE message_id NOT IN (SELECT message_id FROM sns_deliveries)",
    ),
    addDelivery: database.prepare(
      "INSERT INTO sns_deliveries (message_id, subscription_arn, due_at, is_copy) VALUES (?, ?, ?, ?)",
    ),
    due: database.prepare(
      `SELECT * FROM sns_deliveries JOIN sns_messages USING (message_id)
       WHERE due_at <= ? ORDER BY due_at, id LIMIT ?`,
    ),
    nextDue: database.prepare("SELECT min(due_at) AS due_at FROM sns_deliveries"),
    postpone: database.prepare("UPDATE sns_deliveries SET failures = ?, due_at = ? WHERE id = ?"),
    deleteDelivery: database.prepare("DELETE FROM sns_deliveries WHERE id = ?"),
    deleteIfDelivered: database.prepare(
      `DELETE FROM sns_messages WHERE message_id = :id
       AND NOT EXISTS (SELECT 1 FROM sns_deliveries WHERE message_id = :id)`,
    ),
  };
  return {
    topics: () => z.array(topicRow).parse(sql.topics.all()),
    putTopic: ({ arn, name, attributes, tags }: TopicRow) =>
      void sql.putTopic.run({
        arn,
        name,
        attributes: JSON.stringify(attributes),
        tags: JSON.stringify(tags),
      }),
    /** With its subscriptions and what was on its way to them. */
    deleteTopic(arn: string) {
      sql.deleteTopic.run(arn);
      sql.sweepMessages.run();
    },
    subscriptions: () => z.array(subscriptionRow).parse(sql.subscriptions.all()),
    putSubscription: (row: SubscriptionRow) =>
      void sql.putSubscription.run({ ...row, attributes: JSON.stringify(row.attributes) }),
    deleteSubscription(arn: string) {
      sql.deleteSubscription.run(arn);
      sql.sweepMessages.run();
    },
    addMessage: (message: PublishedMessage) =>
      void sql.addMessage.run(message.messageId, JSON.stringify(message)),
    addDelivery: (messageId: string, subscriptionArn: string, dueAt: number, isCopy = false) =>
      void sql.addDelivery.run(messageId, subscriptionArn, dueAt, isCopy ? 1 : 0),
    due: (now: number, limit: number): Delivery[] =>
      z
        .array(deliveryRow)
        .parse(sql.due.all(now, limit))
        .map((row) => ({
          id: row.id,
          message: row.document,
          subscriptionArn: row.subscription_arn,
          failures: row.failures,
          isCopy: row.is_copy === 1,
        })),
    nextDueAt: (): number | undefined =>
      z.object({ due_at: z.number().nullable() }).parse(sql.nextDue.get()).due_at ?? undefined,
    postpone: (id: number, failures: number, dueAt: number) =>
      void sql.postpone.run(failures, dueAt, id),
    deleteDelivery({ id, message }: Delivery) {
      sql.deleteDelivery.run(id);
      sql.deleteIfDelivered.run({ id: message.messageId });
    },
  };
}

export type SnsStore = ReturnType<typeof openSnsStore>;
