import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { request as httpRequest } from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketIntelligentTieringConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../clock.ts";
import { openS3, type S3Fixture } from "./s3-fixture.ts";

let s3: S3Fixture;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3.close());
afterEach(async () => {
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: "media" }));
  for (const { Key } of Contents) await remove(Key ?? "");
  await expect.poll(blobs).toBe(0);
});

const remove = (Key: string, IfMatch?: string) =>
  s3.client.send(new DeleteObjectCommand({ Bucket: "media", Key, ...(IfMatch && { IfMatch }) }));

const put = (Key: string, Body: string | Uint8Array, more = {}) =>
  s3.client.send(new PutObjectCommand({ Bucket: "media", Key, Body, ...more }));
const get = (Key: string, more = {}) =>
  s3.client.send(new GetObjectCommand({ Bucket: "media", Key, ...more }));
const md5 = (data: string) => createHash("md5").update(data).digest("hex");
const blobs = () =>
  readdirSync(path.join(s3.dataDir, "s3", "blobs"), {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.isFile()).length;

describe("an object", () => {
  test("comes back as it was put, with its headers and metadata", async () => {
    await put("a/b c+ü/../x//y", "hello", {
      ContentType: "video/mp4",
      CacheControl: "public, max-age=1",
      ContentDisposition: "attachment",
      ContentEncoding: "gzip",
      ContentLanguage: "de",
      Metadata: { owner: "me" },
    });
    const answer = await get("a/b c+ü/../x//y");
    expect(await answer.Body?.transformToString()).toBe("hello");
    expect(answer).toMatchObject({
      ContentLength: 5,
      ContentType: "video/mp4",
      CacheControl: "public, max-age=1",
      ContentDisposition: "attachment",
      ContentEncoding: "gzip",
      ContentLanguage: "de",
      Metadata: { owner: "me" },
      ETag: `"${md5("hello")}"`,
      AcceptRanges: "bytes",
    });
  });

  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "of bytes or of a stream is verified with %s, which is given back",
    async (ChecksumAlgorithm) => {
      const whole = await put("bytes", "x".repeat(100_000), { ChecksumAlgorithm });
      const streamed = await s3.client.send(
        new PutObjectCommand({
          Bucket: "media",
          Key: "stream",
          Body: Readable.from([Buffer.from("x".repeat(60_000)), Buffer.from("x".repeat(40_000))]),
          ContentLength: 100_000,
          ChecksumAlgorithm,
        }),
      );
      const name = `Checksum${ChecksumAlgorithm}` as const;
      expect(whole[name]).toBeTruthy();
      expect(streamed[name]).toBe(whole[name]);
      const answer = await get("stream", { ChecksumMode: "ENABLED" });
      expect(answer[name]).toBe(whole[name]);
      expect(answer.ChecksumType).toBe("FULL_OBJECT");
      expect((await answer.Body?.transformToByteArray())?.length).toBe(100_000);
    },
  );

  test("whose checksum, MD5 or form of them is wrong leaves nothing", async () => {
    await expect(put("k", "hello", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    await expect(
      put("k", "hello", { ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" }),
    ).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put("k", "hello", { ContentMD5: "nonsense" })).rejects.toMatchObject({
      name: "InvalidDigest",
    });
    await expect(put("k", "hello", { ChecksumCRC32: "AAAA" })).rejects.toMatchObject({
      name: "InvalidRequest",
    });
    await expect(get("k")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(blobs()).toBe(0);
  });

  test("that is empty can be kept and read", async () => {
    await put("empty", "");
    const answer = await get("empty");
    expect([answer.ContentLength, await answer.Body?.transformToString()]).toEqual([0, ""]);
    await expect(get("empty", { Range: "bytes=0-0" })).rejects.toMatchObject({
      name: "InvalidRange",
    });
  });

  test("whose client goes away in mid-body leaves nothing", async () => {
    const url = await getSignedUrl(
      s3.linkClient,
      new PutObjectCommand({ Bucket: "media", Key: "k" }),
    );
    const request = httpRequest(url, { method: "PUT", headers: { "content-length": "3000000" } });
    const failed = new Promise((resolve) => request.once("error", resolve));
    request.write(Buffer.alloc(2_000_000));
    await expect.poll(blobs).toBe(1);
    request.destroy();
    await failed;
    await expect.poll(blobs).toBe(0);
    await expect(get("k")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("that is overwritten or deleted takes its blob with it, once the last reader is done", async () => {
    const big = Buffer.alloc(8_000_000, 1);
    await put("k", big);
    const reading = await get("k");
    await put("k", "second");
    await remove("k");
    expect(Buffer.from((await reading.Body?.transformToByteArray()) ?? []).equals(big)).toBe(true);
    await expect.poll(blobs).toBe(0);
  });

  test("gives ranges, suffixes and overridden headers", async () => {
    await put("k", "0123456789", { ContentType: "text/plain" });
    const range = async (Range: string) => {
      const answer = await get("k", { Range });
      return [
        answer.$metadata.httpStatusCode,
        answer.ContentRange,
        await answer.Body?.transformToString(),
      ];
    };
    expect(await range("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await range("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await range("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await range("bytes=0-99")).toEqual([206, "bytes 0-9/10", "0123456789"]);
    expect(await range("bytes=0-1,3-4")).toEqual([200, undefined, "0123456789"]);
    await expect(get("k", { Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
    const overridden = await get("k", {
      ResponseContentType: "video/mp4",
      ResponseCacheControl: "no-store",
    });
    expect(overridden).toMatchObject({ ContentType: "video/mp4", CacheControl: "no-store" });
  });

  test("answers conditional reads", async () => {
    const { ETag } = await put("k", "hello");
    await expect(get("k", { IfMatch: '"other"' })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    expect((await get("k", { IfMatch: ETag })).ETag).toBe(ETag);
    const status = (error: { $metadata: { httpStatusCode: number } }) =>
      error.$metadata.httpStatusCode;
    expect(await get("k", { IfNoneMatch: ETag }).catch(status)).toBe(304);
    expect(await get("k", { IfModifiedSince: new Date(Date.now() + 60_000) }).catch(status)).toBe(
      304,
    );
    expect(await get("k", { IfUnmodifiedSince: new Date(0) }).catch(status)).toBe(412);
  });

  test("honours conditional writes and deletes", async () => {
    const first = await put("k", "1", { IfNoneMatch: "*" });
    await expect(put("k", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    const second = await put("k", "2", { IfMatch: first.ETag });
    await expect(put("k", "3", { IfMatch: first.ETag })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await expect(put("absent", "3", { IfMatch: first.ETag })).rejects.toMatchObject({
      name: "NoSuchKey",
    });
    await expect(remove("k", first.ETag)).rejects.toMatchObject({ name: "PreconditionFailed" });
    await remove("k", second.ETag);
    await expect.poll(blobs).toBe(0);
  });

  test("of several writers at once with If-None-Match: * has one", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => put("k", `${n}`, { IfNoneMatch: "*" })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect.poll(blobs).toBe(1);
  });

  test("is copied without its bytes, and outlives its source", async () => {
    await put("a b+ü", "hello", { ContentType: "video/mp4", Metadata: { n: "1" } });
    const CopySource = `media/${encodeURIComponent("a b+ü")}`;
    const copy = (Key: string, more = {}) =>
      s3.client.send(new CopyObjectCommand({ Bucket: "media", Key, CopySource, ...more }));
    expect((await copy("copy")).CopyObjectResult?.ETag).toBe(`"${md5("hello")}"`);
    await copy("replaced", { MetadataDirective: "REPLACE", ContentType: "text/plain" });
    expect(blobs()).toBe(1);
    await remove("a b+ü");
    const kept = await get("copy");
    expect(kept).toMatchObject({ ContentType: "video/mp4", Metadata: { n: "1" } });
    expect(await kept.Body?.transformToString()).toBe("hello");
    expect(await get("replaced")).toMatchObject({ ContentType: "text/plain", Metadata: {} });
    await expect(copy("again")).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("a bucket", () => {
  test("answers what it is", async () => {
    expect((await s3.client.send(new ListBucketsCommand({}))).Buckets).toMatchObject([
      { Name: "media" },
    ]);
    expect(await s3.client.send(new HeadBucketCommand({ Bucket: "media" }))).toMatchObject({
      BucketRegion: "us-east-1",
    });
    expect(
      (await s3.client.send(new GetBucketLocationCommand({ Bucket: "media" }))).LocationConstraint,
    ).toBeFalsy();
    expect(
      (await s3.client.send(new GetBucketVersioningCommand({ Bucket: "media" }))).Status,
    ).toBeUndefined();
    await expect(s3.client.send(new HeadBucketCommand({ Bucket: "other" }))).rejects.toMatchObject({
      name: "NotFound",
    });
    await expect(
      s3.client.send(new ListObjectsV2Command({ Bucket: "other" })),
    ).rejects.toMatchObject({ name: "NoSuchBucket" });
  });

  test("goes only when it is empty", async () => {
    await put("k", "1");
    const removeBucket = () => s3.client.send(new DeleteBucketCommand({ Bucket: "media" }));
    await expect(removeBucket()).rejects.toMatchObject({ name: "BucketNotEmpty" });
    const { Deleted, Errors } = await s3.client.send(
      new DeleteObjectsCommand({
        Bucket: "media",
        Delete: { Objects: [{ Key: "k" }, { Key: "<&>\u00fc" }] },
      }),
    );
    expect([Deleted, Errors]).toEqual([[{ Key: "k" }, { Key: "<&>\u00fc" }], undefined]);
    await removeBucket();
    await s3.client.send(new CreateBucketCommand({ Bucket: "media" }));
  });

  test("says what it cannot do, instead of doing something else", async () => {
    await expect(
      s3.client.send(
        new GetBucketIntelligentTieringConfigurationCommand({ Bucket: "media", Id: "i" }),
      ),
    ).rejects.toMatchObject({ name: "NotImplemented" });
    await put("k", "1");
    await expect(
      s3.client.send(
        new PutObjectTaggingCommand({ Bucket: "media", Key: "k", Tagging: { TagSet: [] } }),
      ),
    ).rejects.toMatchObject({ name: "NotImplemented" });
    expect(await (await get("k")).Body?.transformToString()).toBe("1");
    await expect(put("k", "1", { ServerSideEncryption: "aws:kms" })).rejects.toMatchObject({
      name: "NotImplemented",
    });
  });

  test("is reached by Host, too", async () => {
    await put("dir/k", "hello");
    const url = new URL(
      await getSignedUrl(
        new S3Client({
          region: "us-east-1",
          credentials: s3.context.credentials,
        }),
        new GetObjectCommand({ Bucket: "media", Key: "dir/k" }),
      ),
    );
    expect(url.host).toBe("media.s3.us-east-1.amazonaws.com");
    const request = httpRequest(`${s3.url}${url.pathname}${url.search}`, {
      headers: { host: url.host },
    });
    const text = new Promise<string>((resolve, reject) => {
      request.on("error", reject);
      request.on("response", async (response) => resolve((await response.toArray()).join("")));
    });
    request.end();
    expect(await text).toBe("hello");
  });
});

describe("presigned links", () => {
  test("put and get without any other credential, as long as they hold", async () => {
    const clock = new ManualClock();
    const timed = await openS3({ clock });
    onTestFinished(() => timed.close());
    const link = (command: PutObjectCommand | GetObjectCommand) =>
      getSignedUrl(timed.linkClient, command, {
        expiresIn: 60,
        signingDate: new Date(clock.now()),
      });
    const putUrl = await link(new PutObjectCommand({ Bucket: "media", Key: "k" }));
    const getUrl = await link(new GetObjectCommand({ Bucket: "media", Key: "k" }));

    expect((await fetch(putUrl, { method: "PUT", body: "hello" })).status).toBe(200);
    const got = await fetch(getUrl, { headers: { range: "bytes=1-3" } });
    expect([got.status, await got.text()]).toEqual([206, "ell"]);
    expect((await fetch(getUrl, { method: "DELETE" })).status).toBe(403);
    expect((await fetch(getUrl.replace("/k?", "/l?"))).status).toBe(403);

    clock.advance(60_000);
    for (const [url, method] of [
      [putUrl, "PUT"],
      [getUrl, "GET"],
    ] as const) {
      const expired = await fetch(url, { method });
      expect([expired.status, await expired.text()]).toEqual([
        403,
        expect.stringContaining("Request has expired"),
      ]);
    }
  });

  test("that carry the checksum of another body are refused, as on AWS", async () => {
    const url = await getSignedUrl(s3.client, new PutObjectCommand({ Bucket: "media", Key: "k" }));
    expect(url).toContain("x-amz-checksum-crc32=AAAAAA%3D%3D");
    const answer = await fetch(url, { method: "PUT", body: "hello" });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining("<Code>BadDigest</Code>"),
    ]);
  });

  test("of a signed length take no other", async () => {
    const command = new PutObjectCommand({ Bucket: "media", Key: "k", ContentLength: 5 });
    const url = await getSignedUrl(s3.linkClient, command, {
      signableHeaders: new Set(["content-length", "host"]),
    });
    expect((await fetch(url, { method: "PUT", body: "hello!" })).status).toBe(403);
    expect((await fetch(url, { method: "PUT", body: "hello" })).status).toBe(200);
  });

  test("nobody without a signature gets anything", async () => {
    await put("k", "secret");
    for (const [method, target] of [
      ["GET", "/media/k"],
      ["PUT", "/media/k"],
      ["DELETE", "/media/k"],
      ["GET", "/media?list-type=2"],
      ["GET", "/"],
    ]) {
      const answer = await fetch(`${s3.url}${target}`, { method: method ?? "GET" });
      expect([answer.status, await answer.text()]).toEqual([
        403,
        expect.stringContaining("AccessDenied"),
      ]);
    }
    expect(
      (await s3.client.send(new HeadObjectCommand({ Bucket: "media", Key: "k" }))).ContentLength,
    ).toBe(6);
  });
});
