import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CopyPartResult,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3, type S3Fixture } from "./s3-fixture.ts";

const Bucket = "media";
const MiB = 1024 * 1024;
const source = Buffer.from(Array.from({ length: 6 * MiB }, (_, n) => (n * 31) % 251));

let s3: S3Fixture;
beforeAll(async () => {
  s3 = await openS3();
  await s3.client.send(new PutObjectCommand({ Bucket, Key: "whole ü", Body: source }));
});
afterAll(() => s3.close());

const CopySource = `/${Bucket}/${encodeURIComponent("whole ü")}`;
const create = async (Key: string, more = {}) => {
  const { UploadId } = await s3.client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ...more }),
  );
  return { Bucket, Key, UploadId };
};
const bytesOf = async (Key: string) => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

describe("a part copied from an object", () => {
  test("holds the range that was named, and its ETag is that of an uploaded part", async () => {
    const upload = await create("joined", { ChecksumAlgorithm: "CRC32" });
    const range = { first: 3, last: 5 * MiB + 2 };

    const { CopyPartResult } = await s3.client.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber: 1,
        CopySource,
        CopySourceRange: `bytes=${range.first}-${range.last}`,
      }),
    );
    const uploaded = await s3.client.send(
      new UploadPartCommand({
        ...upload,
        PartNumber: 2,
        Body: source.subarray(range.first, range.last + 1),
        ChecksumAlgorithm: "CRC32",
      }),
    );
    const whole = await s3.client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 3, CopySource }),
    );
    const part = (PartNumber: number, of: CopyPartResult = {}) => ({
      PartNumber,
      ETag: of.ETag,
      ChecksumCRC32: of.ChecksumCRC32,
    });
    await s3.client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: {
          Parts: [part(1, CopyPartResult), part(2, uploaded), part(3, whole.CopyPartResult)],
        },
      }),
    );

    expect(CopyPartResult?.ETag).toBe(uploaded.ETag);
    expect(CopyPartResult?.ChecksumCRC32).toBe(uploaded.ChecksumCRC32);
    const piece = source.subarray(range.first, range.last + 1);
    expect((await bytesOf("joined")).equals(Buffer.concat([piece, piece, source]))).toBe(true);
  });

  test("stays as it was when its source is overwritten", async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: "short", Body: "before" }));
    const upload = await create("kept");
    const { CopyPartResult } = await s3.client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: `${Bucket}/short` }),
    );
    await s3.client.send(new PutObjectCommand({ Bucket, Key: "short", Body: "after" }));
    await s3.client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] },
      }),
    );

    expect((await bytesOf("kept")).toString()).toBe("before");
  });

  test.each([
    ["a range behind the end", { CopySourceRange: `bytes=0-${6 * MiB}` }, "InvalidArgument"],
    ["a range without an end", { CopySourceRange: "bytes=5-" }, "InvalidArgument"],
    ["a source that is not there", { CopySource: "media/nothing" }, "NoSuchKey"],
    ["a bucket that is not there", { CopySource: "nowhere/k" }, "NoSuchBucket"],
    ["a condition that does not hold", { CopySourceIfMatch: '"0"' }, "PreconditionFailed"],
    ["a part number of none", { PartNumber: 10_001 }, "InvalidArgument"],
  ])("is refused for %s", async (_name, wrong, name) => {
    const upload = await create("refused");

    const copy = s3.client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource, ...wrong }),
    );

    await expect(copy).rejects.toMatchObject({ name });
    await s3.client.send(new AbortMultipartUploadCommand(upload));
  });
});
