import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

const secretName = "sluice/playback-private-key";

export interface PlaybackKey {
  readonly publicKeyPem: string;
  readonly privateKeySecretArn: string;
}

/**
 * The key pair that signs playback, made once per environment. Only Secrets Manager holds the
 * private half; the public half is derived from it again at each deployment.
 * RSA with 2048 bits: CloudFront Developer Guide, "Create key pairs for your signers".
 */
export async function ensurePlaybackKey(secrets: SecretsManagerClient): Promise<PlaybackKey> {
  const stored = await secrets
    .send(new GetSecretValueCommand({ SecretId: secretName }))
    .catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
  if (stored?.SecretString && stored.ARN) {
    return { publicKeyPem: publicHalf(stored.SecretString), privateKeySecretArn: stored.ARN };
  }
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const created = await secrets.send(
    new CreateSecretCommand({
      Name: secretName,
      Description: "Signs the cookies and links by which viewers reach their videos",
      SecretString: privateKey,
    }),
  );
  if (!created.ARN) throw new Error("CreateSecret answered without an ARN");
  return { publicKeyPem: publicHalf(privateKey), privateKeySecretArn: created.ARN };
}

function publicHalf(privateKeyPem: string): string {
  return createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }).toString();
}
