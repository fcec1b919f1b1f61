import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
import { writeAssembly } from "./test-assembly.ts";

const MiB = 1024 * 1024;
const sizeMiB = 48;
const Bucket = "films";

/** A file system of its own that is small; only root may mount one. */
function mountSmall(directory: string): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    const size = `size=${sizeMiB}m`;
    execFileSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", directory], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const mounted = mkdtempSync(path.join(tmpdir(), "full-disk-"));
const isMounted = mountSmall(mounted);
if (!isMounted) console.log("A file system cannot be mounted here: the full disk is not tested.");

describe.skipIf(!isMounted)("on a real disk that is full", () => {
  const dataDir = path.join(mounted, "data");
  const assemblyDir = path.join(mounted, "cdk.out");
  const filler = path.join(mounted, "filler");
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
    execFileSync("umount", [mounted]);
    rmSync(mounted, { recursive: true });
  });

  /** Fills the disk but for this much. */
  function leave(bytes: number): void {
    const { bavail, bsize } = statfsSync(mounted);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)), { flag: "a" });
  }
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
    leave(2 * MiB);
    const refused = [
      await put("before", Buffer.alloc(8 * MiB, 2)).catch((error: unknown) => error),
      await part(Buffer.alloc(8 * MiB, 3)).catch((error: unknown) => error),
    ];
    const blobsThen = blobs();
    leave(0);
    const sent = await send("x".repeat(512 * 1024)).catch((error: unknown) => error);
    const small = await put("small", Buffer.alloc(100)).catch((error: unknown) => error);
    const still = await get("before");
    rmSync(filler);

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
    leave(0);
    await cloud.close();
    rmSync(filler);
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
