import { z } from "zod";

/** SQS and SNS take 256 KiB; every message of ours is far below. */
export const maxMessageBytes = 256 * 1024;

/** What a task makes: a chunk in all renditions, the sound, the storyboard, what the file says of itself. */
export const taskKinds = ["transcode", "audio", "thumbnail", "metadata"] as const;
export type TaskKind = (typeof taskKinds)[number];

/**
 * What travels through the task queue: a pointer and the right to ask for the task.
 * Links are not in it: they would expire while the message waits. The worker leases them.
 */
export const taskMessageSchema = z.strictObject({
  version: z.literal(1),
  videoId: z.uuid(),
  taskId: z.string().min(1).max(200),
  kind: z.enum(taskKinds),
  /** Capability for this task alone; the lease and commit functions compare it. */
  ticket: z.uuid(),
  correlationId: z.string().min(1).max(200),
});
export type TaskMessage = z.infer<typeof taskMessageSchema>;

/** Asks for a plan whose occasion, the event of S3, was lost. */
export const planMessageSchema = z.strictObject({
  version: z.literal(1),
  videoId: z.uuid(),
  correlationId: z.string().min(1).max(200),
});
export type PlanMessage = z.infer<typeof planMessageSchema>;

/** Sent by the commit that finished the last task; sent again whenever that is in doubt. */
export const packageMessageSchema = z.strictObject({
  version: z.literal(1),
  videoId: z.uuid(),
  /** Absent when there is none: then something is to be removed. */
  planHash: z.string().optional(),
  correlationId: z.string().min(1).max(200),
});
export type PackageMessage = z.infer<typeof packageMessageSchema>;

/** One event is to be sent to one webhook; what and where to is in the database. */
export const webhookMessageSchema = z.strictObject({
  version: z.literal(1),
  webhookId: z.uuid(),
  eventId: z.uuid(),
  /** Counts the messages of this delivery: only the latest one counts. */
  sending: z.int().min(1),
  correlationId: z.string().min(1).max(200),
});
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;
