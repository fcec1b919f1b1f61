import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ensureLinkKey } from "@sluice/cli/deploy/link-key.ts";
import { ensurePlaybackKey } from "@sluice/cli/deploy/playback-key.ts";
import { ensureWebhookKeys } from "@sluice/cli/deploy/webhook-keys.ts";
import { ensureAssembly } from "@sluice/cli/embedded/assembly.ts";
import { openCloud } from "@sluice/cloud";
import { z } from "zod";
import { type Issuer, startIssuer } from "./issuer.ts";

export interface EmbeddedApi extends AsyncDisposable {
  readonly issuer: Issuer;
  /** Ids of the migrations that the deployment applied. */
  readonly applied: readonly string[];
  readonly log: readonly string[];
  call(method: string, path: `/${string}`, options?: CallOptions): Promise<ApiAnswer>;
}

export interface CallOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when there is no body. */
  readonly body: unknown;
}

/** What the edge brings on its own; behind the API nobody asks for them. */
const cloudFrontType = (type: string) => ({
  type,
  schema: z.looseObject({}),
  inert: [],
  put: async (_: unknown, context: { generatedName(maxLength?: number): string }) => {
    const physicalId = context.generatedName();
    const Arn = `arn:aws:cloudfront::000000000000:any/${physicalId}`;
    return { physicalId, attributes: { Arn } };
  },
  delete: async () => {},
});

const repositoryRoot = resolve(import.meta.dirname, "../..");
const withoutEdge = ["Sluice-Storage", "Sluice-Database", "Sluice-App"];

/** The real app, synthesized, on an embedded cloud of its own: storage, database and API, migrated. */
export const openEmbeddedApi = async (): Promise<EmbeddedApi> => {
  const opened = new AsyncDisposableStack();
  try {
    return await open(opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
};

const open = async (opened: AsyncDisposableStack): Promise<EmbeddedApi> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-api-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const issuer = opened.use(await startIssuer());
  const assemblyDir = await ensureAssembly(repositoryRoot, () => {});

  const log: string[] = [];
  const cloud = await openCloud({
    dataDir: join(directory, "data"),
    port: 0,
    providers: [
      "AWS::CloudFront::PublicKey",
      "AWS::CloudFront::KeyGroup",
      "AWS::CloudFront::KeyValueStore",
    ].map(cloudFrontType),
    log: (level, message, fields) => log.push(`${level} ${message} ${JSON.stringify(fields)}`),
  });
  opened.defer(() => cloud.close());
  const { endpoint, region, credentials } = cloud;
  const settings = { endpoint, region, credentials };

  const secrets = new SecretsManagerClient(settings);
  const playbackKey = await ensurePlaybackKey(secrets);
  const webhookKeysSecretArn = await ensureWebhookKeys(secrets);
  const linkKey = await ensureLinkKey(secrets);
  secrets.destroy();
  const { outputs } = await cloud.deploy({
    assemblyDir,
    stacks: withoutEdge,
    parameters: {
      "Sluice-Storage": { PlaybackPublicKey: playbackKey.publicKeyPem },
      "Sluice-App": {
        TokenIssuer: issuer.url,
        TokenAudience: issuer.audience,
        TokenJwksUrl: issuer.jwksUrl,
        PlaybackPrivateKeySecretArn: playbackKey.privateKeySecretArn,
        WebhookKeysSecretArn: webhookKeysSecretArn,
        LinkKeySecretArn: linkKey.arn,
      },
    },
  });
  const { ApiUrl, MigrateFunctionName } = z
    .object({ ApiUrl: z.url(), MigrateFunctionName: z.string() })
    .parse(outputs["Sluice-App"]);
  const applied = await migrate(new LambdaClient(settings), MigrateFunctionName);
  const base = addressOf(ApiUrl, endpoint);

  return {
    issuer,
    applied,
    log,
    async call(method, path, { token, headers, body } = {}) {
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};

const migrate = async (lambda: LambdaClient, functionName: string) => {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: functionName }));
  lambda.destroy();
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError) throw new Error(`The migration failed: ${text}`);
  return z.object({ applied: z.array(z.string()) }).parse(JSON.parse(text)).applied;
};

/** An API's own host name does not resolve here; the endpoint takes its id in the path. */
const addressOf = (apiUrl: string, endpoint: string) => {
  const { hostname, pathname } = new URL(apiUrl);
  const [apiId] = hostname.split(".");
  return `${endpoint}/restapis/${apiId}${pathname.replace(/\/$/, "")}/_user_request_`;
};
