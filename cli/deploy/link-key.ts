import "@aws-sdk/signature-v4a";
import { randomBytes } from "node:crypto";
import {
  type CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  PutKeyCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import { PutSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EnsuredSecret, ensureSecret } from "./ensured-secret.ts";

/** The entry that infra/viewer-functions/path-token-links.js reads. */
const entry = "key";

/** The key by which functions sign playback links and the edge checks them (HMAC-SHA256). */
export function ensureLinkKey(secrets: SecretsManagerClient): Promise<EnsuredSecret> {
  return ensureSecret(secrets, {
    name: "sluice/link-key",
    description: "Signs the links by which players reach videos",
    make: makeKey,
  });
}

/**
 * Tells the edge the key. To end every link at once, put another value of the secret and deploy.
 *
 * A store without a key is a new one: if links were made before, it does not know which of them were
 * revoked, so the key is replaced, and they end.
 */
export async function publishLinkKey(
  {
    secrets,
    keyValueStores,
  }: {
    readonly secrets: SecretsManagerClient;
    readonly keyValueStores: CloudFrontKeyValueStoreClient;
  },
  KvsARN: string,
  key: EnsuredSecret,
): Promise<void> {
  const present = await keyValueStores
    .send(new GetKeyCommand({ KvsARN, Key: entry }))
    .catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
  let { text } = key;
  if (present?.Value === text) return;
  if (present === undefined && !key.isNew) {
    text = makeKey();
    await secrets.send(new PutSecretValueCommand({ SecretId: key.arn, SecretString: text }));
  }
  const { ETag } = await keyValueStores.send(new DescribeKeyValueStoreCommand({ KvsARN }));
  // One who revokes at the same moment makes this fail; the SDK does not repeat it, a deployment does.
  await keyValueStores.send(new PutKeyCommand({ KvsARN, Key: entry, Value: text, IfMatch: ETag }));
}

/** 256 bits, as text that both sides take as it is. */
const makeKey = () => randomBytes(32).toString("base64url");
