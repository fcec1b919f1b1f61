import { dispatches, taskKinds } from "@sluice/contracts";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";

/**
 * The tables as TypeScript sees them. `migrations/` is what makes them; schema.test.ts holds the
 * two together on a real PostgreSQL.
 */

/**
 * A moment in time. The Data API answers `timestamptz` in UTC without saying so
 * ("2026-11-23 17:46:00.123"), PostgreSQL's own protocol with an offset ("…+00"). It sends text as
 * text, which PostgreSQL takes for no date without a cast.
 */
const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => "timestamp with time zone",
  toDriver: (date) => sql`${date.toISOString()}::timestamptz`,
  fromDriver: (text) => {
    const iso = text.replace(" ", "T");
    if (/[+-]\d\d$/.test(iso)) return new Date(`${iso}:00`);
    return new Date(/(Z|[+-]\d\d:\d\d)$/.test(iso) ? iso : `${iso}Z`);
  },
});

const bytes = (name: string) => bigint(name, { mode: "number" });

export const videos = pgTable(
  "videos",
  {
    videoId: uuid("video_id").primaryKey(),
    owner: text("owner").notNull(),
    title: text("title").notNull(),
    fileName: text("file_name").notNull(),
    status: text("status", {
      enum: ["uploading", "planning", "transcoding", "packaging", "ready", "failed", "deleting"],
    }).notNull(),
    failureCode: text("failure_code"),
    failureMessage: text("failure_message"),
    /** Null while a file of unknown length is arriving. */
    sourceBytes: bytes("source_bytes"),
    planHash: text("plan_hash"),
    durationMs: bigint("duration_ms", { mode: "number" }),
    width: integer("width"),
    height: integer("height"),
    /** Segments that every track has, counted from the first without a gap. */
    frontier: integer("frontier").notNull().default(0),
    playableMs: bigint("playable_ms", { mode: "number" }).notNull().default(0),
    hasPoster: boolean("has_poster").notNull().default(false),
    correlationId: text("correlation_id").notNull(),
    createdAt: instant("created_at").notNull().default(sql`date_trunc('milliseconds', now())`),
    readyAt: instant("ready_at"),
    dispatch: text("dispatch", { enum: dispatches }).notNull().default("pull"),
    /** Kept by a trigger, which forgets the sweeps too. */
    statusSince: instant("status_since").notNull().default(sql`now()`),
    /** When the sweeper last took this video up in its present status, and how often. */
    sweptAt: instant("swept_at"),
    sweeps: integer("sweeps").notNull().default(0),
    /** Of a video that failed: when its source and all that was made of it were removed. */
    cleanedAt: instant("cleaned_at"),
    hasStoryboard: boolean("has_storyboard").notNull().default(false),
    /** What the file says of itself. */
    metadata: jsonb("metadata"),
    /** Of the link that anybody may have; null while the video is private. */
    publicLinkId: uuid("public_link_id"),
  },
  (table) => [
    index("videos_by_owner").on(table.owner, table.createdAt.desc(), table.videoId.desc()),
  ],
);

/** Rows of this table go when their video goes. */
const ofVideo = () =>
  uuid("video_id")
    .notNull()
    .references(() => videos.videoId, { onDelete: "cascade" });

export const uploads = pgTable(
  "uploads",
  {
    uploadId: uuid("upload_id").primaryKey(),
    videoId: ofVideo().unique(),
    owner: text("owner").notNull(),
    s3UploadId: text("s3_upload_id"),
    /** Null while a file of unknown length is arriving. */
    sizeBytes: bytes("size_bytes"),
    partBytes: bytes("part_bytes").notNull(),
    state: text("state", { enum: ["open", "completed", "aborted"] }).notNull(),
    completedParts: text("completed_parts"),
    idempotencyKey: text("idempotency_key").notNull(),
    requestHash: text("request_hash").notNull(),
    createdAt: instant("created_at").notNull().default(sql`now()`),
    /** A part signed, listed or completed: the uploader is there. */
    activeAt: instant("active_at").notNull().default(sql`now()`),
  },
  (table) => [unique().on(table.owner, table.idempotencyKey)],
);

export const plans = pgTable("plans", {
  videoId: uuid("video_id")
    .primaryKey()
    .references(() => videos.videoId, { onDelete: "cascade" }),
  planHash: text("plan_hash").notNull(),
  sourceEtag: text("source_etag").notNull(),
  plan: jsonb("plan").notNull(),
  createdAt: instant("created_at").notNull().default(sql`now()`),
});

export const tasks = pgTable(
  "tasks",
  {
    taskId: text("task_id").primaryKey(),
    videoId: ofVideo(),
    kind: text("kind", { enum: taskKinds }).notNull(),
    ticket: uuid("ticket").notNull(),
    spec: jsonb("spec").notNull(),
    attempts: integer("attempts").notNull().default(0),
    finishedAt: instant("finished_at"),
    dispatches: integer("dispatches").notNull().default(0),
    dispatchedAt: instant("dispatched_at"),
    /** A worker leased or committed. */
    seenAt: instant("seen_at"),
  },
  (table) => [index("tasks_by_video").on(table.videoId)],
);

export const segments = pgTable(
  "segments",
  {
    videoId: ofVideo(),
    rendition: text("rendition").notNull(),
    number: integer("number").notNull(),
    taskId: text("task_id").notNull(),
    bytes: integer("bytes").notNull(),
    /** Frames for video, samples for audio. */
    length: integer("length").notNull(),
    etag: text("etag").notNull(),
  },
  (table) => [primaryKey({ columns: [table.videoId, table.rendition, table.number] })],
);

export const initSegments = pgTable(
  "init_segments",
  {
    videoId: ofVideo(),
    rendition: text("rendition").notNull(),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
  },
  (table) => [primaryKey({ columns: [table.videoId, table.rendition] })],
);

export const webhooks = pgTable(
  "webhooks",
  {
    webhookId: uuid("webhook_id").primaryKey(),
    owner: text("owner").notNull(),
    url: text("url").notNull(),
    events: jsonb("events").notNull(),
    description: text("description"),
    keyNumber: integer("key_number").notNull(),
    secretVersion: integer("secret_version").notNull().default(1),
    previousKeyNumber: integer("previous_key_number"),
    previousValidUntil: instant("previous_valid_until"),
    disabledAt: instant("disabled_at"),
    idempotencyKey: text("idempotency_key").notNull(),
    requestHash: text("request_hash").notNull(),
    createdAt: instant("created_at").notNull().default(sql`now()`),
  },
  (table) => [unique().on(table.owner, table.idempotencyKey)],
);

export const webhookEvents = pgTable(
  "webhook_events",
  {
    eventId: uuid("event_id").primaryKey(),
    owner: text("owner").notNull(),
    videoId: uuid("video_id"),
    type: text("type").notNull(),
    body: text("body").notNull(),
    correlationId: text("correlation_id").notNull(),
    occurredAt: instant("occurred_at").notNull(),
  },
  (table) => [
    unique().on(table.videoId, table.type),
    index("webhook_events_by_age").on(table.occurredAt),
  ],
);

export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    webhookId: uuid("webhook_id")
      .notNull()
      .references(() => webhooks.webhookId, { onDelete: "cascade" }),
    eventId: uuid("event_id")
      .notNull()
      .references(() => webhookEvents.eventId, { onDelete: "cascade" }),
    state: text("state", { enum: ["pending", "succeeded", "failed", "given-up"] }).notNull(),
    /** Messages sent for it, of which only the latest counts. */
    sendings: integer("sendings").notNull().default(0),
    handedOver: boolean("handed_over").notNull().default(false),
    attempts: integer("attempts").notNull().default(0),
    failures: integer("failures").notNull().default(0),
    nextAttemptAt: instant("next_attempt_at").notNull(),
    leasedUntil: instant("leased_until"),
    sweepAt: instant("sweep_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.webhookId, table.eventId] }),
    index("webhook_deliveries_by_event").on(table.eventId),
    index("webhook_deliveries_to_sweep").on(table.sweepAt).where(sql`state = 'pending'`),
    index("webhook_deliveries_under_way")
      .on(table.webhookId, table.leasedUntil)
      .where(sql`leased_until IS NOT NULL`),
  ],
);

export const webhookAttempts = pgTable(
  "webhook_attempts",
  {
    webhookId: uuid("webhook_id").notNull(),
    eventId: uuid("event_id").notNull(),
    number: integer("number").notNull(),
    at: instant("at").notNull(),
    durationMs: integer("duration_ms").notNull(),
    status: integer("status"),
    error: text("error"),
  },
  (table) => [
    primaryKey({ columns: [table.webhookId, table.eventId, table.number] }),
    foreignKey({
      columns: [table.webhookId, table.eventId],
      foreignColumns: [webhookDeliveries.webhookId, webhookDeliveries.eventId],
    }).onDelete("cascade"),
  ],
);

/** Not of a video by foreign key: what was revoked is remembered until it would have expired. */
export const playbackLinks = pgTable(
  "playback_links",
  {
    linkId: uuid("link_id").primaryKey(),
    videoId: uuid("video_id").notNull(),
    label: text("label"),
    /** `revoking`: to be revoked, but the edge may not know yet. */
    state: text("state", { enum: ["valid", "revoking", "revoked"] })
      .notNull()
      .default("valid"),
    createdAt: instant("created_at").notNull().default(sql`date_trunc('milliseconds', now())`),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    index("playback_links_by_video").on(table.videoId, table.createdAt.desc()),
    index("playback_links_to_revoke").on(table.linkId).where(sql`state = 'revoking'`),
    index("playback_links_by_end").on(table.expiresAt),
  ],
);
