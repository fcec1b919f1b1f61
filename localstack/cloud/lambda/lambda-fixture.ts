import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import { type Endpoint, openEndpoint } from "../http/index.ts";
import type { ResourceState } from "../resource-provider.ts";
import { createSqsService, type SqsService } from "../sqs/index.ts";
import { createTestContext, signByClock } from "../testing.ts";
import { createLambdaService, type LambdaOptions, type LambdaService } from "./index.ts";

export interface LambdaFixture {
  readonly dataDir: string;
  readonly endpoint: string;
  readonly service: LambdaService;
  readonly sqsService: SqsService;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly log: string[];
  /** Makes a resource of either service; `logicalId` is its name. */
  put(type: string, logicalId: string, properties: object): Promise<ResourceState>;
  /** Makes a function from files; the handler is `index.handler`. Answers its ARN. */
  makeFunction(
    name: string,
    files: Readonly<Record<string, string>> | string,
    properties?: object,
  ): Promise<string>;
  /** A directory as cdk.out would hold it; answers its key. */
  makeAsset(files: Readonly<Record<string, string>>): string;
  /** Ends it; `keep` leaves the data directory for another one. */
  close(options?: { keep?: boolean }): Promise<void>;
}

/** SQS and Lambda behind a real endpoint, for tests. */
export async function openLambda(
  options: Partial<LambdaOptions> & { clock?: Clock; dataDir?: string } = {},
): Promise<LambdaFixture> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), "cloud-lambda-"));
  const log: string[] = [];
  let endpoint: Endpoint | undefined;
  const context = await createTestContext({
    dataDir,
    clock: options.clock ?? systemClock,
    log: (_level, message) => void log.push(message),
    endpoint: () => endpoint?.url ?? "",
  });
  const sqsService = createSqsService(context);
  const service = createLambdaService(context, { graceMs: 100, ...options, sqs: sqsService });
  const services = [sqsService, service];
  endpoint = await openEndpoint({ ...context, host: "127.0.0.1", port: 0, services });
  const client = {
    endpoint: endpoint.url,
    region: context.region,
    credentials: context.credentials,
    maxAttempts: 1,
  };
  const lambda = new LambdaClient(client);
  const sqs = new SQSClient(client);
  for (const it of [lambda, sqs]) signByClock(it, context.clock);
  const assets = path.join(dataDir, "cdk.out");
  let made = 0;

  const put = async (type: string, logicalId: string, properties: object) => {
    const provider = services.flatMap((it) => it.resourceProviders).find((it) => it.type === type);
    if (!provider) throw new Error(`No provider of ${type}.`);
    return provider.put(provider.schema.parse(properties), {
      accountId: context.accountId,
      region: context.region,
      stackName: "stack",
      logicalId,
      physicalId: logicalId,
      generatedName: () => logicalId,
      assetPath: (key) => path.join(assets, key),
    });
  };

  const makeAsset = (files: Readonly<Record<string, string>>) => {
    made += 1;
    const key = `asset-${process.hrtime.bigint()}-${made}`;
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(assets, key, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o755 });
    }
    return key;
  };

  return {
    dataDir,
    endpoint: endpoint.url,
    service,
    sqsService,
    lambda,
    sqs,
    log,
    put,
    makeAsset,
    async makeFunction(name, files, properties = {}) {
      const S3Key = makeAsset(typeof files === "string" ? { "index.mjs": files } : files);
      const state = await put("AWS::Lambda::Function", name, {
        FunctionName: name,
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Role: "arn:aws:iam::000000000000:role/r",
        Code: { S3Bucket: "assets", S3Key },
        // Tests share a busy machine: what is not about time must not end by it.
        Timeout: 60,
        ...properties,
      });
      return state.attributes.Arn ?? "";
    },
    async close({ keep = false } = {}) {
      await service.stop();
      await sqsService.stop();
      lambda.destroy();
      sqs.destroy();
      await endpoint.close();
      await context.dispose();
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
