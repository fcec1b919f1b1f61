import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import { openEndpoint } from "../http/index.ts";
import type { ResourceContext } from "../resource-provider.ts";
import type { AwsService } from "../service.ts";
import { createTestContext } from "../testing.ts";
import { createRdsDataService, type RdsDataOptions } from "./index.ts";

const secretArn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-abcdef";
const password = "correct horse battery";

export interface TestDataApi extends AsyncDisposable {
  readonly client: RDSDataClient;
  readonly service: AwsService;
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly dataDir: string;
  /** Secret strings by ARN; tests may add to it. */
  readonly secrets: Map<string, string>;
}

export interface TestDataApiOptions {
  readonly clock?: Clock;
  readonly dataDir?: string;
  readonly fsync?: boolean;
  readonly databaseUrl?: string;
}

/** A Data API on a port of its own, over a PostgreSQL of its own, with a cluster `app`. */
export async function startDataApi(options: TestDataApiOptions = {}): Promise<TestDataApi> {
  const context = await createTestContext({
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.dataDir ? { dataDir: options.dataDir } : {}),
  });
  const secrets = new Map([[secretArn, JSON.stringify({ username: "app_user", password })]]);
  const service = createRdsDataService(context, {
    secrets: { read: (arn) => readSecret(secrets, arn) },
    fsync: options.fsync ?? false,
    ...(options.databaseUrl ? { databaseUrl: options.databaseUrl } : {}),
  } satisfies RdsDataOptions);
  let close = async () => {};
  try {
    const cluster = await putCluster(service, { EnableHttpEndpoint: true });
    const endpoint = await openEndpoint({
      host: "127.0.0.1",
      port: 0,
      services: [service],
      credentials: context.credentials,
      clock: {
        now: () => Date.now(),
        monotonic: () => context.clock.monotonic(),
        schedule: context.clock.schedule.bind(context.clock),
      },
      log: context.log,
      region: context.region,
    });
    close = () => endpoint.close();
    const client = new RDSDataClient({
      endpoint: endpoint.url,
      region: context.region,
      credentials: context.credentials,
      maxAttempts: 1,
    });
    return {
      client,
      service,
      resourceArn: cluster.attributes.DBClusterArn ?? "",
      secretArn,
      dataDir: context.dataDir,
      secrets,
      async [Symbol.asyncDispose]() {
        client.destroy();
        await close();
        await service.stop();
        await context.dispose();
      },
    };
  } catch (error) {
    await service.stop();
    await context.dispose();
    throw error;
  }
}

function readSecret(secrets: ReadonlyMap<string, string>, arn: string): string {
  const secret = secrets.get(arn);
  if (secret === undefined) throw new AwsError("ResourceNotFoundException", "no such secret");
  return secret;
}

/** Provisions a DB cluster as the template's reconciler does. */
export async function putCluster(
  service: AwsService,
  properties: Readonly<Record<string, unknown>> = {},
  logicalId = "Cluster",
) {
  const provider = service.resourceProviders.find(({ type }) => type === "AWS::RDS::DBCluster");
  if (!provider) throw new Error("no provider of clusters");
  return provider.put(
    provider.schema.parse({
      Engine: "aurora-postgresql",
      EngineVersion: "18.1",
      DatabaseName: "app",
      MasterUsername: "app_user",
      MasterUserPassword: password,
      ...properties,
    }),
    resourceContext(logicalId),
  );
}

function resourceContext(logicalId: string): ResourceContext {
  return {
    accountId: "000000000000",
    region: "us-east-1",
    stackName: "Database",
    logicalId,
    generatedName: () => `Database-${logicalId}-ABC123`,
    assetPath: () => {
      throw new Error("no assets here");
    },
  };
}
