import type { CloudFrontKeyValueStoreClient } from "@aws-sdk/client-cloudfront-keyvaluestore";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CommandError } from "../errors.ts";
import { ensureLinkKey, publishLinkKey } from "./link-key.ts";
import { migrate } from "./migrate.ts";
import { ensurePlaybackKey } from "./playback-key.ts";
import { syncWeb, type WebFile } from "./web-sync.ts";
import { ensureWebhookKeys } from "./webhook-keys.ts";

/** Values by stack name and then by parameter or output name. */
export type ByStack = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What differs between targets: how the stacks come to be. */
export interface Provisioner {
  provision(parameters: ByStack): Promise<ByStack>;
}

/** Who issues the tokens that the API accepts. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
}

export interface Deployment {
  readonly provisioner: Provisioner;
  readonly clients: {
    readonly s3: S3Client;
    readonly lambda: LambdaClient;
    readonly secrets: SecretsManagerClient;
    readonly keyValueStores: CloudFrontKeyValueStoreClient;
  };
  readonly tokenIssuer: TokenIssuer;
  /** Directory of the built page. */
  readonly webDir: string;
  /** Files made for this deployment: `config.json`, and locally the issuer's documents. */
  webFiles(outputs: ByStack): Promise<readonly WebFile[]>;
  onStep?(step: string): void;
}

export const stackNames = {
  storage: "Sluice-Storage",
  database: "Sluice-Database",
  app: "Sluice-App",
  edge: "Sluice-Edge",
} as const;

/** The same order on every target: keys → stacks → migrations → page. */
export async function deploy(deployment: Deployment): Promise<ByStack> {
  const { clients, tokenIssuer, onStep } = deployment;
  const key = await ensurePlaybackKey(clients.secrets);
  const webhookKeysSecretArn = await ensureWebhookKeys(clients.secrets);
  const linkKey = await ensureLinkKey(clients.secrets);
  onStep?.("provisioning");
  const outputs = await deployment.provisioner.provision({
    [stackNames.storage]: { PlaybackPublicKey: key.publicKeyPem },
    [stackNames.app]: {
      TokenIssuer: tokenIssuer.issuer,
      TokenAudience: tokenIssuer.audience,
      TokenJwksUrl: tokenIssuer.jwksUrl,
      PlaybackPrivateKeySecretArn: key.privateKeySecretArn,
      WebhookKeysSecretArn: webhookKeysSecretArn,
      LinkKeySecretArn: linkKey.arn,
    },
  });
  await publishLinkKey(clients, output(outputs, stackNames.storage, "LinkStoreArn"), linkKey);
  onStep?.("migrating");
  await migrate(clients.lambda, output(outputs, stackNames.app, "MigrateFunctionName"));
  onStep?.("publishing the page");
  await syncWeb(
    clients.s3,
    output(outputs, stackNames.storage, "WebBucketName"),
    deployment.webDir,
    await deployment.webFiles(outputs),
  );
  return outputs;
}

/** @throws CommandError output-missing */
export function output(outputs: ByStack, stack: string, name: string): string {
  const value = outputs[stack]?.[name];
  if (value === undefined) {
    throw new CommandError(
      "output-missing",
      `The stack ${stack} has no output ${name}; the app and this command are of different versions.`,
    );
  }
  return value;
}
