import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { z } from "zod";
import { type Clock, systemClock } from "../clock.ts";
import { openEndpoint } from "../http/index.ts";
import type { ResourceContext } from "../resource-provider.ts";
import { createTestContext, signByClock } from "../testing.ts";
import { createS3Service, type S3Dependencies } from "./service.ts";

export interface S3FixtureOptions extends Partial<S3Dependencies> {
  readonly clock?: Clock;
  /** Reopens a directory, as a restart would; it is then left in place. */
  readonly dataDir?: string;
  /** Properties of the bucket `media`, as in a template. */
  readonly bucket?: Readonly<Record<string, unknown>>;
}

/** For tests: S3 behind its endpoint on a free port, a client, and a bucket `media`. */
export async function openS3(options: S3FixtureOptions = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), "s3-"));
  const logged: string[] = [];
  let url = "";
  const context = await createTestContext({
    dataDir,
    clock: options.clock ?? systemClock,
    endpoint: () => url,
    log: (level, message, fields) => logged.push(`${level}: ${message} ${JSON.stringify(fields)}`),
  });
  const sent: { queueArn: string; body: string }[] = [];
  const queues = options.queues ?? {
    sendMessage: async (queueArn: string, body: string) => void sent.push({ queueArn, body }),
  };
  const { openFile } = options;
  const service = createS3Service(context, { queues, ...(openFile && { openFile }) });
  const endpoint = await openEndpoint({
    host: "127.0.0.1",
    port: 0,
    services: [service],
    credentials: context.credentials,
    clock: context.clock,
    log: context.log,
    region: context.region,
  });
  url = endpoint.url;
  const settings = {
    endpoint: url,
    region: context.region,
    credentials: context.credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  };
  const client = new S3Client(settings);
  // Otherwise a presigned PUT carries the CRC32 of no body at all (aws-sdk-js-v3 issue 6810).
  const linkClient = new S3Client({
    ...settings,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  for (const it of [client, linkClient]) signByClock(it, context.clock);

  const put = async (type: string, properties: unknown) => {
    const provider = service.resourceProviders.find((candidate) => candidate.type === type);
    if (!provider) throw new Error(`No provider of ${type}.`);
    const schema: z.ZodType = provider.schema;
    return provider.put(schema.parse(properties), resourceContext);
  };
  if (options.bucket) await put("AWS::S3::Bucket", { BucketName: "media", ...options.bucket });
  else if (!options.dataDir) await client.send(new CreateBucketCommand({ Bucket: "media" }));
  await service.start();

  return {
    context,
    service,
    client,
    /** For presigned links. */
    linkClient,
    url,
    dataDir,
    logged,
    sent,
    /** Puts a resource as the reconciler would. */
    put,
    async close(keep: { readonly keepData?: boolean } = {}) {
      client.destroy();
      linkClient.destroy();
      await service.stop();
      await endpoint.close();
      await context.dispose();
      if (!options.dataDir && !keep.keepData) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type S3Fixture = Awaited<ReturnType<typeof openS3>>;

const resourceContext: ResourceContext = {
  accountId: "000000000000",
  region: "us-east-1",
  stackName: "Stack",
  logicalId: "Media",
  generatedName: () => "stack-media-1a2b3c",
  assetPath: () => {
    throw new Error("A bucket has no asset.");
  },
};
