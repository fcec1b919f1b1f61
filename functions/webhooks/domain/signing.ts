import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";

/**
 * Master keys by number, from Secrets Manager. What receivers hold is derived from them, so that
 * no table holds a secret. New webhooks and new secrets use the highest number; an older one stays
 * until no webhook uses it.
 */
export type WebhookKeys = ReadonlyMap<number, Uint8Array>;

/** Which secret of which webhook. */
export interface SecretName {
  readonly webhookId: string;
  /** Of the master key. */
  readonly keyNumber: number;
  /** Counts the secrets of this webhook. */
  readonly version: number;
}

export const latestKeyNumber = (keys: WebhookKeys): number => Math.max(...keys.keys());

/**
 * HMAC-SHA256 as a key derivation function, its input naming purpose and owner (NIST SP 800-108,
 * section 4): 32 bytes, as Standard Webhooks writes them.
 *
 * @throws Error when the master key is gone
 */
export const signingSecret = (keys: WebhookKeys, name: SecretName): string => {
  const key = keys.get(name.keyNumber);
  if (!key) throw new Error(`There is no webhook key ${name.keyNumber} any more.`);
  const derived = createHmac("sha256", key)
    .update(`sluice webhook secret\0${name.webhookId}\0${name.version}`)
    .digest();
  return `whsec_${Buffer.from(derived).toString("base64")}`;
};

/**
 * The headers by which a receiver knows who sent this and when (Standard Webhooks 1.0.0, "Webhook
 * headers"). Several secrets while one replaces another: any of the signatures is good.
 */
export const signedHeaders = (
  secrets: readonly string[],
  { eventId, body, now }: { readonly eventId: string; readonly body: string; readonly now: Date },
): Record<string, string> => ({
  "webhook-id": eventId,
  "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
  "webhook-signature": secrets
    .map((secret) => new Webhook(secret).sign(eventId, now, body))
    .join(" "),
});
