import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { openS3 } from "@sluice/cloud/s3/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { s3MediaStorage } from "./s3-media-storage.ts";

const Bucket = "media";
let s3: Awaited<ReturnType<typeof openS3>>;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3.close());

const storage = () => s3MediaStorage(s3.client, Bucket, Bucket);
const put = (Key: string) => s3.client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
const keys = async (Prefix: string) => {
  const page = await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return (page.Contents ?? []).map((object) => object.Key);
};

it("removes every object of a video, more than a page of them, and of no other", async () => {
  // Prepare
  const numbers = Array.from({ length: 1005 }, (_, index) => index);
  for (let start = 0; start < numbers.length; start += 100) {
    const some = numbers.slice(start, start + 100);
    await Promise.all(some.map((number) => put(`videos/v1/hash/720p/${number}.m4s`)));
  }
  await put("videos/v10/hash/poster.jpg");

  // Act
  await storage().removeMedia("v1");

  // Assess
  expect(await keys("videos/")).toEqual(["videos/v10/hash/poster.jpg"]);
  await storage().removeMedia("v1");
});

it("removes the source, and ends an upload of it, however often", async () => {
  // Prepare
  await put("sources/v1");
  const { UploadId = "" } = await s3.client.send(
    new CreateMultipartUploadCommand({ Bucket, Key: "sources/v1" }),
  );

  // Act
  for (let time = 0; time < 2; time += 1) {
    await storage().abortUpload("v1", UploadId);
    await storage().removeSource("v1");
  }

  // Assess
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket }));
  expect(Uploads).toEqual([]);
  expect(await keys("sources/")).toEqual([]);
});
