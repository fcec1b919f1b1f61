import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { cachedSecret } from "../../platform/signing/cached-secret.ts";
import type { WebhookKeys } from "../domain/signing.ts";
import type { WebhookKeyring } from "../ports.ts";

/** `{"1": "…", "2": "…"}`: master keys by number, each 32 bytes or more in base64. */
const keysSchema = z.record(z.string().regex(/^[1-9]\d{0,8}$/), z.base64().min(43));

/** @throws Error when it is none; the message has nothing of the secret */
export const parseWebhookKeys = (text: string): WebhookKeys => {
  const keys = keysSchema.safeParse(jsonOf(text));
  if (!keys.success || Object.keys(keys.data).length === 0) {
    throw new Error("The secret with the webhook keys is not an object of base64 by number.");
  }
  return new Map(
    Object.entries(keys.data).map(([number, key]) => [Number(number), Buffer.from(key, "base64")]),
  );
};

export const secretsManagerKeyring = (
  secretArn: string,
  client: Pick<SecretsManagerClient, "send"> = new SecretsManagerClient(),
): WebhookKeyring => {
  const read = cachedSecret(client, secretArn);
  return { read: async () => parseWebhookKeys(await read()) };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
