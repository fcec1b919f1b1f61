import { z } from "zod";
import { plainText } from "./plain-text.ts";
import { videoFailureSchema } from "./video.ts";

/** An owner may have this many webhooks. */
export const maxWebhooksPerOwner = 10;

/** What happens to a video that others may want to hear of. */
export const webhookEventTypes = ["upload.completed", "video.ready", "video.failed"] as const;
export const webhookEventTypeSchema = z.enum(webhookEventTypes);
export type WebhookEventType = z.infer<typeof webhookEventTypeSchema>;

/** Sent when its owner asks for it, whatever the webhook listens to. */
export const webhookTestType = "webhook.test";

const aboutVideo = {
  videoId: z.uuid(),
  title: z.string(),
  fileName: z.string(),
};
const envelope = {
  /** Of the form of `data`; a later version is a new number, never another meaning of this one. */
  version: z.literal(1),
  /** When it happened, not when it was sent. */
  timestamp: z.iso.datetime(),
};

/** The body of a webhook's request (Standard Webhooks 1.0.0, "Payload structure"). */
export const webhookPayloadSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("upload.completed"),
    ...envelope,
    data: z.strictObject({ ...aboutVideo, uploadId: z.uuid(), size: z.int() }),
  }),
  z.strictObject({
    type: z.literal("video.ready"),
    ...envelope,
    data: z.strictObject({
      ...aboutVideo,
      status: z.literal("ready"),
      durationMs: z.int(),
      /** Of the picture; absent when there is none. */
      width: z.int().optional(),
      height: z.int().optional(),
    }),
  }),
  z.strictObject({
    type: z.literal("video.failed"),
    ...envelope,
    data: z.strictObject({
      ...aboutVideo,
      status: z.literal("failed"),
      failure: videoFailureSchema,
    }),
  }),
  z.strictObject({
    type: z.literal(webhookTestType),
    ...envelope,
    data: z.strictObject({ webhookId: z.uuid() }),
  }),
]);
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

/** `POST /api/webhooks`, with the header `Idempotency-Key`. */
export const createWebhookRequestSchema = z.strictObject({
  /** Where events are sent. On AWS https to a public address; a redirect is not followed. */
  url: z.url({ protocol: /^https?$/, error: "An address that begins with https://." }).max(2048),
  events: z
    .array(webhookEventTypeSchema)
    .min(1)
    .max(webhookEventTypes.length)
    .refine((events) => new Set(events).size === events.length, "Each event once."),
  description: plainText(200).optional(),
});
export type CreateWebhookRequest = z.infer<typeof createWebhookRequestSchema>;

export const webhookSchema = z.strictObject({
  webhookId: z.uuid(),
  url: z.string(),
  events: z.array(webhookEventTypeSchema),
  description: z.string().optional(),
  createdAt: z.iso.datetime(),
  /** Counts the secrets that this webhook has had. */
  secretVersion: z.int().min(1),
  /** Its receiver answered 410: nothing is sent any more. */
  disabledAt: z.iso.datetime().optional(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** Standard Webhooks 1.0.0, "Signature scheme": base64 after a prefix, 24 to 64 bytes. */
const signingSecret = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);

/** 201, or 200 when the same Idempotency-Key made this webhook before. The secret is shown only here. */
export const createWebhookResponseSchema = webhookSchema.extend({ secret: signingSecret });
export type CreateWebhookResponse = z.infer<typeof createWebhookResponseSchema>;

/** `GET /api/webhooks`, oldest first. */
export const listWebhooksResponseSchema = z.strictObject({
  webhooks: z.array(webhookSchema),
});
export type ListWebhooksResponse = z.infer<typeof listWebhooksResponseSchema>;

/**
 * `POST /api/webhooks/{webhookId}/secret`: a new secret. It names the one that it replaces, so that
 * a repeat is answered with the same new one.
 */
export const replaceSecretRequestSchema = z.strictObject({ replaces: z.int().min(1) });
export type ReplaceSecretRequest = z.infer<typeof replaceSecretRequestSchema>;

export const replaceSecretResponseSchema = z.strictObject({
  secret: signingSecret,
  secretVersion: z.int().min(2),
  /** Until then requests carry signatures by both. */
  previousValidUntil: z.iso.datetime(),
});
export type ReplaceSecretResponse = z.infer<typeof replaceSecretResponseSchema>;

/** `GET /api/webhooks/{webhookId}/deliveries?limit=N`, the latest event first. */
export const listDeliveriesQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const deliveryAttemptSchema = z.strictObject({
  /** Of this event to this webhook, from 1. */
  attempt: z.int().min(1),
  at: z.iso.datetime(),
  durationMs: z.int(),
  /** HTTP status of the answer; absent when there was none. */
  status: z.int().optional(),
  /** Why there was no answer, in a sentence. */
  error: z.string().optional(),
});

export const deliverySchema = z.strictObject({
  /** The header `webhook-id` of every attempt. */
  eventId: z.uuid(),
  type: z.union([webhookEventTypeSchema, z.literal(webhookTestType)]),
  occurredAt: z.iso.datetime(),
  state: z.enum(["pending", "succeeded", "failed"]),
  /** While it is pending. */
  nextAttemptAt: z.iso.datetime().optional(),
  /** The latest twenty, in order. */
  attempts: z.array(deliveryAttemptSchema),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const listDeliveriesResponseSchema = z.strictObject({
  deliveries: z.array(deliverySchema),
});
export type ListDeliveriesResponse = z.infer<typeof listDeliveriesResponseSchema>;

/**
 * 202 of `POST /api/webhooks/{webhookId}/test` and of
 * `POST /api/webhooks/{webhookId}/deliveries/{eventId}` (sends one event again). While that event is
 * on its way already, a repeat changes nothing.
 */
export const sendEventResponseSchema = z.strictObject({ eventId: z.uuid() });
export type SendEventResponse = z.infer<typeof sendEventResponseSchema>;
