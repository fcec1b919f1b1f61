import { createHash } from "node:crypto";
import {
  type CreateWebhookRequest,
  type CreateWebhookResponse,
  maxWebhooksPerOwner,
  type ReplaceSecretResponse,
  type Webhook,
} from "@sluice/contracts";
import { DomainError, NotFoundError } from "../../platform/errors.ts";
import type { WebhookKeyring, WebhookRecord, WebhookStore } from "../ports.ts";
import { type ReceiverPolicy, requireReceiver } from "./receiver-address.ts";
import { latestKeyNumber, signingSecret } from "./signing.ts";

/** Time for a receiver to learn its new secret (Standard Webhooks: "zero downtime secret rotation"). */
const overlapMs = 24 * 60 * 60 * 1000;

export interface SecretPorts {
  readonly store: WebhookStore;
  readonly keyring: WebhookKeyring;
}

export interface CreateWebhookCommand {
  readonly owner: string;
  readonly idempotencyKey: string;
  readonly request: CreateWebhookRequest;
  readonly policy: ReceiverPolicy;
  readonly newId: () => string;
}

/**
 * Records a webhook, or answers the one that this key made. Only here, and where the secret is
 * replaced, is the secret shown.
 *
 * @throws InvalidRequestError, DomainError too-many-webhooks, idempotency-key-reused
 */
export const createWebhook = async (
  { store, keyring }: SecretPorts,
  { owner, idempotencyKey, request, policy, newId }: CreateWebhookCommand,
): Promise<{ readonly webhook: CreateWebhookResponse; readonly created: boolean }> => {
  const url = requireReceiver(request.url, policy);
  const keys = await keyring.read();
  const webhookId = newId();
  const requestHash = hashOf(request);
  const { events, description } = request;
  const record = await store.create(
    {
      ...{ webhookId, owner, url, events, description, idempotencyKey, requestHash },
      keyNumber: latestKeyNumber(keys),
    },
    maxWebhooksPerOwner,
  );
  if (record === "full") {
    throw new DomainError(
      "too-many-webhooks",
      `There are ${maxWebhooksPerOwner} webhooks already. Delete one that is no longer needed.`,
    );
  }
  if (record.requestHash !== requestHash) {
    throw new DomainError(
      "idempotency-key-reused",
      "This Idempotency-Key came with another request before. Use a new key for a new webhook.",
    );
  }
  return {
    webhook: { ...viewOf(record), secret: signingSecret(keys, record) },
    created: record.webhookId === webhookId,
  };
};

export const listWebhooks = async (
  { store }: Pick<SecretPorts, "store">,
  owner: string,
): Promise<Webhook[]> => (await store.list(owner)).map(viewOf);

/** @throws NotFoundError */
export const deleteWebhook = async (
  { store }: Pick<SecretPorts, "store">,
  { owner, webhookId }: { readonly owner: string; readonly webhookId: string },
): Promise<void> => {
  if (!(await store.remove(owner, webhookId))) throw new NotFoundError("webhook");
};

export interface ReplaceSecretCommand {
  readonly owner: string;
  readonly webhookId: string;
  /** Version of the secret that goes. */
  readonly replaces: number;
  readonly now: Date;
}

/**
 * Gives a webhook a new secret. For a day both are good; a repeat answers the same new one.
 *
 * @throws NotFoundError, DomainError secret-replaced
 */
export const replaceSecret = async (
  { store, keyring }: SecretPorts,
  { owner, webhookId, replaces, now }: ReplaceSecretCommand,
): Promise<ReplaceSecretResponse> => {
  const keys = await keyring.read();
  const record = await store.replaceSecret(owner, webhookId, {
    version: replaces,
    newKeyNumber: latestKeyNumber(keys),
    previousValidUntil: new Date(now.getTime() + overlapMs),
  });
  if (!record) throw new NotFoundError("webhook");
  if (record.version !== replaces + 1 || !record.previousSecret) {
    throw new DomainError(
      "secret-replaced",
      `The secret in use is version ${record.version}. Send {"replaces": ${record.version}} to replace that one.`,
    );
  }
  return {
    secret: signingSecret(keys, record),
    secretVersion: record.version,
    previousValidUntil: record.previousSecret.validUntil.toISOString(),
  };
};

const viewOf = (record: WebhookRecord): Webhook => ({
  webhookId: record.webhookId,
  url: record.url,
  events: [...record.events],
  ...(record.description !== undefined && { description: record.description }),
  createdAt: record.createdAt.toISOString(),
  secretVersion: record.version,
  ...(record.disabledAt && { disabledAt: record.disabledAt.toISOString() }),
});

const hashOf = ({ url, events, description }: CreateWebhookRequest) =>
  createHash("sha256")
    .update(JSON.stringify([url, events, description ?? null]))
    .digest("hex");
