import { randomBytes } from "node:crypto";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ensureSecret } from "./ensured-secret.ts";

/**
 * The master keys that webhooks' secrets are derived from, by number. The first is made here; to
 * replace it, an operator adds a second (docs/webhooks.md, "Replacing the master key").
 *
 * @returns ARN of the secret that holds them
 */
export async function ensureWebhookKeys(secrets: SecretsManagerClient): Promise<string> {
  const { arn } = await ensureSecret(secrets, {
    name: "sluice/webhook-keys",
    description: "Master keys by number, from which the secrets of webhooks are derived",
    make: () => JSON.stringify({ 1: randomBytes(32).toString("base64") }),
  });
  return arn;
}
