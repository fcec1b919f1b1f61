import type { Delivery, WebhookEventType, WebhookMessage } from "@sluice/contracts";
import type { SecretName, WebhookKeys } from "./domain/signing.ts";

/**
 * Tells that a video changed. It never fails: what happened is recorded with the change itself, and
 * a change does not fail because others cannot be told yet.
 */
export type Announce = (videoId: string) => Promise<void>;

export interface WebhookRecord extends SecretName {
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  readonly description: string | undefined;
  readonly createdAt: Date;
  /** Tells whether an Idempotency-Key came with the same request. */
  readonly requestHash: string;
  /** The secret before this one, as long as it is good. */
  readonly previousSecret: PreviousSecret | undefined;
  readonly disabledAt: Date | undefined;
}

export interface PreviousSecret {
  readonly keyNumber: number;
  readonly version: number;
  readonly validUntil: Date;
}

export interface SecretReplacement {
  /** Of the secret that goes. */
  readonly version: number;
  readonly newKeyNumber: number;
  readonly previousValidUntil: Date;
}

export interface NewWebhook {
  readonly webhookId: string;
  readonly owner: string;
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  readonly description: string | undefined;
  readonly keyNumber: number;
  readonly idempotencyKey: string;
  readonly requestHash: string;
}

/** Webhooks of owners, and what was sent to them. */
export interface WebhookStore {
  /**
   * Records a webhook; answers the earlier one when the owner used this key before, and `full` when
   * the owner has `limit` of them.
   */
  create(webhook: NewWebhook, limit: number): Promise<WebhookRecord | "full">;
  /** Oldest first. */
  list(owner: string): Promise<WebhookRecord[]>;
  find(owner: string, webhookId: string): Promise<WebhookRecord | undefined>;
  /** Forgets a webhook and all that was to be sent to it. Answers false when there is none. */
  remove(owner: string, webhookId: string): Promise<boolean>;
  /** Replaces the secret if it has this version, else does nothing. Answers what holds then. */
  replaceSecret(
    owner: string,
    webhookId: string,
    replacement: SecretReplacement,
  ): Promise<WebhookRecord | undefined>;
  /** The latest first, with at most `attempts` attempts each. */
  deliveries(webhookId: string, limit: number, attempts: number): Promise<Delivery[]>;
  /** Records a test for one webhook; answers the id of the one that is pending, if any, instead. */
  addTest(webhookId: string, event: NewEvent, due: Due): Promise<string>;
  /**
   * Makes a delivery due that has ended or waits; one that is under way stays as it is. Answers
   * false when there is none.
   */
  sendAgain(id: DeliveryId, due: Due): Promise<boolean>;
}

export interface NewEvent {
  readonly eventId: string;
  readonly owner: string;
  readonly type: string;
  /** As it is signed and sent. */
  readonly body: string;
  readonly correlationId: string;
  readonly occurredAt: Date;
}

export interface DeliveryId {
  readonly webhookId: string;
  readonly eventId: string;
}

/** What a message says of its delivery. */
export interface WaitingDelivery extends DeliveryId {
  /** Counts the messages of this delivery: only the latest one counts. */
  readonly sending: number;
  readonly correlationId: string;
}

export interface Due {
  readonly at: Date;
  /** A delivery of which nothing was heard by then has lost its message. */
  readonly sweepAt: Date;
}

/**
 * What was recorded together with the changes that others are told of: the transactional outbox.
 * To take a delivery is to make every earlier message of it void.
 */
export interface Outbox {
  /** Takes those of one video whose message was never sent. */
  takeOfVideo(videoId: string): Promise<WaitingDelivery[]>;
  /** Takes one, if its message was never sent. */
  takeDelivery(id: DeliveryId): Promise<WaitingDelivery[]>;
  /** Takes those whose time to be swept has come. */
  takeOverdue(now: Date, limit: number): Promise<WaitingDelivery[]>;
  /** Their messages are on the way, unless others took them meanwhile. */
  handedOver(deliveries: readonly WaitingDelivery[], sweepAt: Date): Promise<void>;
  /** Forgets events from before `before` that nobody waits for. Answers how many. */
  forget(before: Date, limit: number): Promise<number>;
}

/** Everything that one attempt needs. */
export interface Attempt extends DeliveryId {
  readonly url: string;
  /** The one in use, and the one before as long as that is good. */
  readonly secrets: readonly SecretName[];
  readonly type: string;
  readonly body: string;
  /** From 1. */
  readonly number: number;
  /** Attempts that failed since it was last asked for. */
  readonly failures: number;
}

export type Claim =
  | { readonly state: "claimed"; readonly attempt: Attempt }
  /** Not its time yet, or somebody is at it. */
  | { readonly state: "waiting"; readonly until: Date }
  /** As many attempts as may be are under way to this webhook. */
  | { readonly state: "busy" }
  /** It was tried often enough. */
  | { readonly state: "given-up" }
  /** It succeeded, or nobody wants it any more, or another message stands for it. */
  | { readonly state: "done" };

export interface AttemptRecord {
  readonly at: Date;
  readonly durationMs: number;
  readonly status: number | undefined;
  readonly error: string | undefined;
}

export type Verdict =
  | { readonly state: "succeeded" }
  /** The receiver said no; with `disables` to everything. */
  | { readonly state: "failed"; readonly disables: boolean }
  | { readonly state: "given-up" }
  | { readonly state: "pending"; readonly due: Due };

/** State per delivery, so that a message may come twice, late, or beside its twin. */
export interface DeliveryStore {
  /** Counts an attempt and keeps others away until `leasedUntil`, if its time has come. */
  begin(
    message: Pick<WaitingDelivery, "webhookId" | "eventId" | "sending">,
    now: Date,
    leasedUntil: Date,
    maxConcurrent: number,
  ): Promise<Claim>;
  /** Records an attempt and what follows. A later attempt's verdict stays; success stays always. */
  end(attempt: Attempt, record: AttemptRecord, verdict: Verdict): Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** Of the header `Retry-After`. */
  readonly retryAfter: string | undefined;
}

/** Whoever listens at a webhook's address. */
export interface Receiver {
  /** @throws ReceiverError when there was no answer */
  post(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Answer>;
}

/** No answer came, and the message says why, for the webhook's owner. */
export class ReceiverError extends Error {
  override readonly name = "ReceiverError";
}

export interface WebhookQueue {
  send(messages: readonly WebhookMessage[]): Promise<void>;
}

export interface WebhookKeyring {
  read(): Promise<WebhookKeys>;
}
