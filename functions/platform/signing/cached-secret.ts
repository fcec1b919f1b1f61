import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** A secret that was rotated is used at the latest after this time. */
const freshForMs = 5 * 60_000;

/**
 * Reads a secret once and again when it is no longer fresh. While Secrets Manager cannot be
 * reached, the last value serves on.
 */
export const cachedSecret = (
  client: Pick<SecretsManagerClient, "send">,
  secretArn: string,
  now: () => number = Date.now,
): (() => Promise<string>) => {
  let known: { readonly value: string; readonly readAt: number } | undefined;
  let reading: Promise<string> | undefined;

  const read = async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (SecretString === undefined) throw new Error("The secret holds no text.");
    known = { value: SecretString, readAt: now() };
    return SecretString;
  };

  return async () => {
    if (known && now() - known.readAt < freshForMs) return known.value;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    try {
      return await reading;
    } catch (error) {
      if (known) return known.value;
      throw error;
    }
  };
};
