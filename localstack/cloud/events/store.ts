import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type RuleDocument, ruleDocument, type Target, targetSchema } from "./rule.ts";

/** Events that are on their way carry their target with them: a rule that changes leaves them alone. */
const schema = `
  CREATE TABLE IF NOT EXISTS events_rules (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS events_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule_arn TEXT NOT NULL,
    target TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (due_at, id);
`;

const json = <T>(of: z.ZodType<T>) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(of);
const ruleRow = z.object({ document: json(ruleDocument) });
const deliveryRow = z.object({
  id: z.number(),
  rule_arn: z.string(),
  target: json(targetSchema),
  payload: z.string(),
  created_at: z.number(),
  failures: z.number(),
});

export interface Delivery {
  readonly id: number;
  readonly ruleArn: string;
  readonly target: Target;
  /** What the target gets: JSON. */
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** How often it failed. */
  readonly failures: number;
}

/** Statements over the tables `events_*`. */
export function openEventsStore(database: DatabaseSync) {
  database.exec(schema);
  const sql = {
    rules: database.prepare("SELECT document FROM events_rules"),
    putRule: database.prepare("INSERT OR REPLACE INTO events_rules VALUES (?, ?)"),
    deleteRule: database.prepare("DELETE FROM events_rules WHERE name = ?"),
    add: database.prepare(
      "INSERT INTO events_deliveries (rule_arn, target, payload, created_at, due_at) VALUES (?, ?, ?, ?, ?)",
    ),
    due: database.prepare(
      "SELECT * FROM events_deliveries WHERE due_at <= ? ORDER BY due_at, id LIMIT ?",
    ),
    nextDue: database.prepare("SELECT min(due_at) AS due_at FROM events_deliveries"),
    postpone: database.prepare(
      "UPDATE events_deliveries SET failures = ?, due_at = ? WHERE id = ?",
    ),
    delete: database.prepare("DELETE FROM events_deliveries WHERE id = ?"),
  };
  return {
    rules: () =>
      z
        .array(ruleRow)
        .parse(sql.rules.all())
        .map((row) => row.document),
    putRule: (rule: RuleDocument) => void sql.putRule.run(rule.name, JSON.stringify(rule)),
    deleteRule: (name: string) => void sql.deleteRule.run(name),
    addDelivery: (ruleArn: string, target: Target, payload: string, now: number) =>
      void sql.add.run(ruleArn, JSON.stringify(target), payload, now, now),
    due: (now: number, limit: number): Delivery[] =>
      z
        .array(deliveryRow)
        .parse(sql.due.all(now, limit))
        .map((row) => ({
          id: row.id,
          ruleArn: row.rule_arn,
          target: row.target,
          payload: row.payload,
          createdAt: row.created_at,
          failures: row.failures,
        })),
    nextDueAt: (): number | undefined =>
      z.object({ due_at: z.number().nullable() }).parse(sql.nextDue.get()).due_at ?? undefined,
    postpone: (id: number, failures: number, dueAt: number) =>
      void sql.postpone.run(failures, dueAt, id),
    deleteDelivery: (id: number) => void sql.delete.run(id),
  };
}

export type EventsStore = ReturnType<typeof openEventsStore>;
