import { join } from "node:path";
import { CloudFrontKeyValueStoreClient } from "@aws-sdk/client-cloudfront-keyvaluestore";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type DeliveryFaults, type Log, openCloud } from "@sluice/cloud";
import { openEdge } from "@sluice/edge";
import { deploy } from "../deploy/deploy.ts";
import type { WebFile } from "../deploy/web-sync.ts";
import { syncWeb } from "../deploy/web-sync.ts";
import type { Addresses } from "../start-output.ts";
import { LocalIdentity } from "./local-identity.ts";
import { describeInert, openPlatformLog } from "./platform-log.ts";

export interface PlatformOptions {
  readonly dataDir: string;
  /** Of the edge; the AWS endpoint takes the next one. 0 = free ports. */
  readonly port: number;
  readonly databaseUrl: string | undefined;
  readonly assemblyDir: string;
  readonly webDir: string;
  /** Duplicates and disorder of queues and topics, for tests. */
  readonly faults?: DeliveryFaults;
  readonly onStep: (step: string) => void;
  readonly onNotice: (notice: string) => void;
}

export interface Platform {
  readonly addresses: Addresses;
  token(): Promise<string>;
  close(): Promise<void>;
}

const tokenLifetimeSeconds = 24 * 60 * 60;
const tokenRenewalMs = 12 * 60 * 60 * 1000;

/** Sluice on this machine: the embedded cloud, one edge in front of it, and a token for the local user. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { dataDir, port } = options;
  // Opened by the cloud's first line, after it has checked that the data directory can be.
  let opened: Log | undefined;
  const log: Log = (...line) => {
    opened ??= openPlatformLog(dataDir);
    opened(...line);
  };
  const edge = await openEdge({ port, log });
  try {
    const cloud = await openCloud({
      log,
      dataDir,
      port: port === 0 ? 0 : port + 1,
      providers: edge.resourceProviders,
      services: edge.services,
      ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
    try {
      edge.connect({
        endpoint: cloud.endpoint,
        region: cloud.region,
        credentials: cloud.credentials,
      });
      const identity = await LocalIdentity.open(join(dataDir, "identity.json"));
      const issuer = edge.url;
      const token = () => identity.token(issuer, tokenLifetimeSeconds);
      const clientOptions = {
        endpoint: cloud.endpoint,
        region: cloud.region,
        // A copy: the SDK writes into the object that it is given.
        credentials: { ...cloud.credentials },
      };
      const s3 = new S3Client({ ...clientOptions, forcePathStyle: true });
      const webFiles = async (): Promise<WebFile[]> => [
        json("config.json", { api: "/api", identity: { kind: "local", token: await token() } }),
        ...Object.entries(identity.documents(issuer)).map(([key, value]) => json(key, value)),
      ];
      const outputs = await deploy({
        clients: {
          s3,
          lambda: new LambdaClient(clientOptions),
          secrets: new SecretsManagerClient(clientOptions),
          keyValueStores: new CloudFrontKeyValueStoreClient({
            region: cloud.region,
            credentials: { ...cloud.credentials },
            // The SDK puts the account before the host of an `endpoint`, even of 127.0.0.1.
            endpointProvider: () => ({ url: new URL(cloud.endpoint) }),
          }),
        },
        provisioner: {
          provision: async (parameters) => {
            const result = await cloud.deploy({ assemblyDir: options.assemblyDir, parameters });
            for (const finding of result.inert) log("info", "Without effect here", { ...finding });
            const inert = describeInert(result.inert);
            if (inert) options.onNotice(inert);
            return result.outputs;
          },
        },
        tokenIssuer: {
          issuer,
          audience: LocalIdentity.audience,
          jwksUrl: `${issuer}/.well-known/jwks.json`,
        },
        webDir: options.webDir,
        webFiles,
        onStep: options.onStep,
      });
      const webBucket = outputs["Sluice-Storage"]?.WebBucketName ?? "";
      const renewal = setInterval(() => {
        webFiles()
          .then((files) => syncWeb(s3, webBucket, options.webDir, files))
          .catch((error: Error) =>
            options.onNotice(`The page's token was not renewed: ${error.message}`),
          );
      }, tokenRenewalMs);
      return {
        addresses: {
          web: edge.url,
          api: `${edge.url}/api`,
          endpoint: cloud.endpoint,
          edges: [edge.url],
          token: await token(),
          credentials: { ...cloud.credentials, region: cloud.region },
        },
        token,
        async close() {
          clearInterval(renewal);
          await edge.close();
          await cloud.close();
        },
      };
    } catch (error) {
      await cloud.close();
      throw error;
    }
  } catch (error) {
    await edge.close();
    throw error;
  }
}

function json(key: string, value: unknown): WebFile {
  return { key, body: Buffer.from(`${JSON.stringify(value)}\n`) };
}
