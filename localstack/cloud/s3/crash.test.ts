import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect, onTestFinished, test } from "vitest";
import { openS3 } from "./s3-fixture.ts";

const partSize = 5 * 1024 * 1024;
const upload = { Bucket: "media", Key: "movie" };

test("an upload goes on after kill -9: finished parts are kept, the one on its way is gone", async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "s3-crash-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const blobs = () =>
    readdirSync(path.join(dataDir, "s3", "blobs"), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile()).length;

  // Prepare: a bucket, then a process of its own that serves it.
  const first = await openS3({ dataDir, bucket: {} });
  const { credentials } = first.context;
  await first.close();
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { openS3 } from ${JSON.stringify(import.meta.resolve("./s3-fixture.ts"))};
       const { url } = await openS3({ dataDir: ${JSON.stringify(dataDir)} });
       process.send({ url });`,
    ],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  const [{ url: endpoint }] = await once(child, "message");
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
  const part = (PartNumber: number) => ({ ...upload, UploadId, PartNumber });
  const one = await client.send(
    new UploadPartCommand({ ...part(1), Body: Buffer.alloc(partSize, 1) }),
  );

  // Act: it dies while the second part is on its way.
  const link = await getSignedUrl(client, new UploadPartCommand(part(2)));
  const sending = httpRequest(link, { method: "PUT", headers: { "content-length": partSize } });
  const cut = new Promise((resolve) => sending.once("error", resolve));
  sending.write(Buffer.alloc(3_000_000, 2));
  await expect.poll(blobs).toBe(2);
  child.kill("SIGKILL");
  await once(child, "exit");
  await cut;
  client.destroy();

  // Assess.
  const again = await openS3({ dataDir });
  onTestFinished(() => again.close());
  expect(blobs()).toBe(1);
  const { Parts } = await again.client.send(new ListPartsCommand({ ...upload, UploadId }));
  expect(Parts).toMatchObject([{ PartNumber: 1, ETag: one.ETag, Size: partSize }]);
  const two = await again.client.send(new UploadPartCommand({ ...part(2), Body: "end" }));
  await again.client.send(
    new CompleteMultipartUploadCommand({
      ...upload,
      UploadId,
      MultipartUpload: {
        Parts: [
          { PartNumber: 1, ETag: one.ETag },
          { PartNumber: 2, ETag: two.ETag },
        ],
      },
    }),
  );
  const { Body } = await again.client.send(new GetObjectCommand({ ...upload, Range: "bytes=-4" }));
  expect(await Body?.transformToString()).toBe("\u0001end");
});
