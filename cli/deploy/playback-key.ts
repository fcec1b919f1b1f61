import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ensureSecret } from "./ensured-secret.ts";

export interface PlaybackKey {
  readonly publicKeyPem: string;
  readonly privateKeySecretArn: string;
}

/**
 * The key pair that signs playback. Only Secrets Manager holds the private half; the public half is
 * derived from it again at each deployment.
 * RSA with 2048 bits: CloudFront Developer Guide, "Create key pairs for your signers".
 */
export async function ensurePlaybackKey(secrets: SecretsManagerClient): Promise<PlaybackKey> {
  const { arn, text } = await ensureSecret(secrets, {
    name: "sluice/playback-private-key",
    description: "Signs the cookies and links by which viewers reach their videos",
    make: makePrivateKey,
  });
  return { publicKeyPem: publicHalf(text), privateKeySecretArn: arn };
}

function makePrivateKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return privateKey;
}

function publicHalf(privateKeyPem: string): string {
  return createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }).toString();
}
