import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, openCloud } from "./open-cloud.ts";
import { mountSmallDisk } from "./small-disk.ts";
import { writeAssembly } from "./test-assembly.ts";

const MiB = 1024 * 1024;
const Bucket = "films";

const disk = mountSmallDisk(48);

describe.skipIf(!disk)("on a real disk that is full", () => {
  const root = disk?.directory ?? "";
  const dataDir = path.join(root, "data");
  const assemblyDir = path.join(root, "cdk.out");
  let cloud: Cloud;
  let s3: S3Client;
  let sqs: SQSClient;
  let QueueUrl: string;

  async function start(): Promise<void> {
    cloud = await openCloud({ dataDir, port: 0 });
    const { outputs } = await cloud.deploy({ assemblyDir });
    QueueUrl = outputs.Stack?.QueueUrl ?? "";
    const { endpoint, region } = cloud;
    const client = { endpoint, region, credentials: { ...cloud.credentials }, maxAttempts: 1 };
    s3 = new S3Client({ ...client, forcePathStyle: true });
    sqs = new SQSClient(client);
  }
  beforeAll(async () => {
    mkdirSync(assemblyDir);
    const template = {
      Resources: {
        Films: { Type: "AWS::S3::Bucket", Properties: { BucketName: Bucket } },
        Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "arrivals" } },
      },
      Outputs: { QueueUrl: { Value: { Ref: "Queue" } } },
    };
    writeAssembly(assemblyDir, { Stack: { template } });
    await start();
  });
  afterAll(async () => {
    await cloud?.close();
    disk?.remove();
  });

  const put = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const get = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const blobs = () =>
    readdirSync(path.join(dataDir, "s3", "blobs"), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    ).length;
  const refusal = expect.objectContaining({
    name: "ServiceUnavailable",
    message: expect.stringContaining("full"),
  });

  test("nothing is half stored, what stood stands, and everything goes on once there is room", async () => {
    // Prepare
    const before = Buffer.alloc(MiB, 1);
    await put("before", before);
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parted" }));
    const part = (Body: Buffer) =>
      s3.send(new UploadPartCommand({ Bucket, Key: "parted", UploadId, PartNumber: 1, Body }));
    await send("accepted before");

    // Act
    disk?.leave(2 * MiB);
    const refused = [
      await put("before", Buffer.alloc(8 * MiB, 2)).catch((error: unknown) => error),
      await part(Buffer.alloc(8 * MiB, 3)).catch((error: unknown) => error),
    ];
    const blobsThen = blobs();
    disk?.leave(0);
    const sent = await send("x".repeat(512 * 1024)).catch((error: unknown) => error);
    const small = await put("small", Buffer.alloc(100)).catch((error: unknown) => error);
    const still = await get("before");
    disk?.free();

    // Assess
    expect(refused).toEqual([refusal, refusal]);
    expect(sent).toEqual(refusal);
    expect(small).toEqual(refusal);
    expect(still.equals(before)).toBe(true);
    expect(blobsThen).toBe(1);
    const { ETag } = await part(Buffer.alloc(6 * MiB, 4));
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...{ Bucket, Key: "parted", UploadId },
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    await send("accepted after");
    expect((await get("parted")).equals(Buffer.alloc(6 * MiB, 4))).toBe(true);
  });

  test("a cloud that is ended while its disk is full starts again with all it had accepted", async () => {
    disk?.leave(0);
    await cloud.close();
    disk?.free();
    await start();

    const bodies: (string | undefined)[] = [];
    for (let n = 0; n < 2; n++) {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      bodies.push(...(Messages ?? []).map(({ Body }) => Body));
    }

    expect(bodies.sort()).toEqual(["accepted after", "accepted before"]);
    expect((await get("before")).length).toBe(MiB);
  });
});
