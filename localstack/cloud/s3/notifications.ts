import type { CloudContext } from "../context.ts";
import { createOutbox, type Outbox } from "../outbox.ts";
import type { QueueSender } from "../service.ts";
import { notificationBody, type ObjectEvent, wants } from "./notification-record.ts";
import type { BucketStore } from "./storage/bucket-store.ts";

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
/** A queue that is gone this long is not coming back: its events are dropped, and that is logged. */
const giveUpMs = 24 * 3_600_000;

export interface Notifications extends Outbox {
  /** Writes the event to the outbox for each rule that asks for it. Within the transaction of the change. */
  record(event: ObjectEvent): void;
}

/**
 * Events of objects, at least once: recorded with the change itself and deleted when the queue has
 * taken them, so a crash between the two sends them at the next start.
 */
export function createNotifications(
  context: CloudContext,
  buckets: BucketStore,
  queues: QueueSender,
): Notifications {
  const { clock, database, log } = context;
  const insert = database.prepare(
    "INSERT INTO s3_outbox (queue_arn, body, created_at, due_at) VALUES (?, ?, ?, ?)",
  );
  const nextSequence = database.prepare(
    "UPDATE s3_sequencer SET value = value + 1 WHERE id = 1 RETURNING value",
  );
  const due = database.prepare("SELECT * FROM s3_outbox WHERE due_at <= ? ORDER BY id LIMIT ?");
  const earliest = database.prepare("SELECT min(due_at) AS due_at FROM s3_outbox");
  const remove = database.prepare("DELETE FROM s3_outbox WHERE id = ?");
  const postpone = database.prepare(
    "UPDATE s3_outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?",
  );
  async function sendRow(row: Record<string, unknown>): Promise<void> {
    const id = Number(row.id);
    const queueArn = String(row.queue_arn);
    try {
      await queues.sendMessage(queueArn, String(row.body));
      remove.run(id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (clock.now() - Number(row.created_at) > giveUpMs) {
        remove.run(id);
        log("error", "An S3 event is dropped: its queue refused it for a day", {
          queueArn,
          reason,
        });
        return;
      }
      const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Number(row.attempts));
      // Jitter, so that events refused together are not tried again together.
      postpone.run(Math.ceil(clock.now() + wait * (0.5 + Math.random() / 2)), id);
      log("warn", "An S3 event was refused by its queue and is tried again", { queueArn, reason });
    }
  }

  const outbox = createOutbox({
    clock,
    log,
    what: "S3 events",
    due: (now, limit) => due.all(now, limit),
    nextDueAt() {
      const next = earliest.get()?.due_at;
      return typeof next === "number" ? next : undefined;
    },
    send: sendRow,
  });

  return {
    record(event) {
      const rules = buckets.get(event.bucket).configuration.notifications;
      for (const rule of rules) {
        if (!wants(rule, event.name, event.key)) continue;
        const now = clock.now();
        const sequence = Number(nextSequence.get()?.value);
        const { region } = context;
        insert.run(
          rule.queueArn,
          notificationBody(event, { rule, region, timeMs: now, sequence }),
          now,
          now,
        );
      }
    },
    ...outbox,
  };
}
