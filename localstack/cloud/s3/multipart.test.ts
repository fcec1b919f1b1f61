import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3, type S3Fixture } from "./s3-fixture.ts";

const partSize = 5 * 1024 * 1024;
const Bucket = "media";
const bytes = (length: number, seed: number) =>
  Buffer.from(Uint8Array.from({ length: 1024 }, (_, n) => (n * 31 + seed) % 256))
    .toString("latin1")
    .repeat(Math.ceil(length / 1024))
    .slice(0, length);
const part = (length: number, seed: number) => Buffer.from(bytes(length, seed), "latin1");

let s3: S3Fixture;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3.close());

async function create(Key: string, more = {}): Promise<string> {
  const { UploadId } = await s3.client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ...more }),
  );
  return UploadId ?? "";
}

async function upload(Key: string, UploadId: string, PartNumber: number, Body: Buffer, more = {}) {
  const answer = await s3.client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }),
  );
  const { ETag, ChecksumCRC32, ChecksumSHA256, ChecksumCRC64NVME } = answer;
  return { PartNumber, ETag, ChecksumCRC32, ChecksumSHA256, ChecksumCRC64NVME };
}

const complete = (Key: string, UploadId: string, Parts: CompletedPart[], more = {}) =>
  s3.client.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts },
      ...more,
    }),
  );

const get = (Key: string, more = {}) =>
  s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }));

describe("an upload in parts", () => {
  test("becomes one object, and every range of it is right", async () => {
    const parts = [part(partSize, 1), part(partSize + 17, 2), part(1000, 3)];
    const whole = Buffer.concat(parts);
    const id = await create("movie", { ContentType: "video/mp4", Metadata: { a: "b" } });
    const sent = await Promise.all(parts.map((body, n) => upload("movie", id, n + 1, body)));
    const { ETag } = await complete("movie", id, sent, { MpuObjectSize: whole.length });

    const md5s = parts.map((body) => createHash("md5").update(body).digest());
    expect(ETag).toBe(`"${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-3"`);
    expect(await s3.client.send(new HeadObjectCommand({ Bucket, Key: "movie" }))).toMatchObject({
      ContentLength: whole.length,
      ContentType: "video/mp4",
      Metadata: { a: "b" },
      ETag,
    });
    const url = await getSignedUrl(s3.linkClient, new GetObjectCommand({ Bucket, Key: "movie" }));
    const edges = [0, 1, partSize - 1, partSize, partSize + 1, 2 * partSize + 17, whole.length - 1];
    const offset = fc.oneof(fc.constantFrom(...edges), fc.nat({ max: whole.length - 1 }));
    await fc.assert(
      fc.asyncProperty(offset, offset, async (a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        const answer = await fetch(url, { headers: { range: `bytes=${first}-${last}` } });
        expect(answer.status).toBe(206);
        expect(answer.headers.get("content-range")).toBe(`bytes ${first}-${last}/${whole.length}`);
        const got = Buffer.from(await answer.arrayBuffer());
        expect(got.equals(whole.subarray(first, last + 1))).toBe(true);
      }),
      { numRuns: 40 },
    );

    const second = await get("movie", { PartNumber: 2 });
    expect(second).toMatchObject({ PartsCount: 3, ContentLength: partSize + 17 });
    expect(
      Buffer.from((await second.Body?.transformToByteArray()) ?? []).equals(parts[1] ?? whole),
    ).toBe(true);
    await expect(get("movie", { PartNumber: 4 })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 416 },
    });
  });

  test("by presigned links needs no other credential", async () => {
    const id = await create("linked");
    const sent = await Promise.all(
      [part(partSize, 4), part(10, 5)].map(async (body, n) => {
        const url = await getSignedUrl(
          s3.linkClient,
          new UploadPartCommand({ Bucket, Key: "linked", UploadId: id, PartNumber: n + 1 }),
        );
        const answer = await fetch(url, { method: "PUT", body: new Uint8Array(body) });
        expect(answer.status).toBe(200);
        return { PartNumber: n + 1, ETag: answer.headers.get("etag") ?? "" };
      }),
    );
    await complete("linked", id, sent);
    expect((await get("linked")).ContentLength).toBe(partSize + 10);
  });

  test("may leave numbers out, send a part again and drop parts", async () => {
    const id = await create("sparse");
    await upload("sparse", id, 3, part(partSize, 1));
    const third = await upload("sparse", id, 3, part(partSize, 2));
    const dropped = await upload("sparse", id, 5, part(100, 3));
    const ninth = await upload("sparse", id, 9, part(100, 4));
    await complete("sparse", id, [third, ninth]);
    const answer = Buffer.from((await (await get("sparse")).Body?.transformToByteArray()) ?? []);
    expect(answer.equals(Buffer.concat([part(partSize, 2), part(100, 4)]))).toBe(true);
    expect(dropped.ETag).toBeTruthy();
  });

  test("is refused when the list of its parts is wrong, and can be mended", async () => {
    const id = await create("wrong");
    const first = await upload("wrong", id, 1, part(1000, 1));
    const second = await upload("wrong", id, 2, part(1000, 2));
    const fails = (parts: CompletedPart[], name: string, more = {}) =>
      expect(complete("wrong", id, parts, more)).rejects.toMatchObject({ name });
    await fails([second, first], "InvalidPartOrder");
    await fails([first, first], "InvalidPartOrder");
    await fails([first, { ...second, ETag: first.ETag }], "InvalidPart");
    await fails([first, { PartNumber: 3, ETag: first.ETag }], "InvalidPart");
    await fails([first, second], "EntityTooSmall");
    await fails([], "MalformedXML");
    await fails([first], "InvalidRequest", { MpuObjectSize: 999 });
    await complete("wrong", id, [first], { MpuObjectSize: 1000 });
  });

  test("answers the same complete again, and no other", async () => {
    const id = await create("again");
    const parts = [await upload("again", id, 1, part(10, 1))];
    const [first, second] = [
      await complete("again", id, parts),
      await complete("again", id, parts),
    ];
    expect(second.ETag).toBe(first.ETag);
    await expect(complete("again", id, [{ PartNumber: 1, ETag: '"0"' }])).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
    await expect(upload("again", id, 2, part(10, 1))).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
  });

  test("with If-None-Match: * does not replace an object", async () => {
    const id = await create("again");
    const parts = [await upload("again", id, 1, part(10, 2))];
    await expect(complete("again", id, parts, { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await complete("again", id, parts);
  });

  test("is gone once aborted", async () => {
    const id = await create("aborted");
    const sent = await upload("aborted", id, 1, part(10, 1));
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId: id }));
    await expect(complete("aborted", id, [sent])).rejects.toMatchObject({ name: "NoSuchUpload" });
    await expect(complete("aborted", "nonsense", [sent])).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
    const { Uploads } = await s3.client.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix: "aborted" }),
    );
    expect(Uploads).toBeUndefined();
  });

  test("takes part numbers from 1 to 10,000", async () => {
    const id = await create("numbers");
    for (const number of [0, 10_001]) {
      await expect(upload("numbers", id, number, part(1, 1))).rejects.toMatchObject({
        name: "InvalidArgument",
      });
    }
    await upload("numbers", id, 10_000, part(1, 1));
  });

  test("under way are folded at a delimiter, page by page", async () => {
    for (const Key of ["folded/a/1", "folded/a/2", "folded/b", "folded/b", "folded/c/1"]) {
      await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    }
    const seen: (string | undefined)[] = [];
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (;;) {
      const page = await s3.client.send(
        new ListMultipartUploadsCommand({
          Bucket,
          Prefix: "folded/",
          Delimiter: "/",
          MaxUploads: 1,
          ...marker,
        }),
      );
      seen.push(...(page.Uploads ?? []).map(({ Key }) => Key));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      if (!page.IsTruncated) break;
      marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    expect(seen).toEqual(["folded/a/", "folded/b", "folded/b", "folded/c/"]);
  });

  test("lists its parts page by page, and uploads by key and time", async () => {
    const id = await create("listed");
    for (const number of [1, 2, 3, 7]) await upload("listed", id, number, part(number, 1));
    const page = (PartNumberMarker?: string) =>
      s3.client.send(
        new ListPartsCommand({
          Bucket,
          Key: "listed",
          UploadId: id,
          MaxParts: 3,
          ...(PartNumberMarker && { PartNumberMarker }),
        }),
      );
    const first = await page();
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "3" });
    expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(await page("3")).toMatchObject({
      IsTruncated: false,
      Parts: [{ PartNumber: 7, Size: 7 }],
    });

    const later = await create("listed");
    const uploads = (marker = {}) =>
      s3.client.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: "listed", MaxUploads: 1, ...marker }),
      );
    const one = await uploads();
    expect(one.Uploads?.map(({ UploadId }) => UploadId)).toEqual([id < later ? id : later]);
    const two = await uploads({
      KeyMarker: one.NextKeyMarker,
      UploadIdMarker: one.NextUploadIdMarker,
    });
    expect(two.Uploads?.map(({ UploadId }) => UploadId)).toEqual([id < later ? later : id]);
    expect(two.IsTruncated).toBe(false);
  });
});

describe("checksums of parts", () => {
  const bodies = [part(partSize, 6), part(123, 7)];
  const whole = Buffer.concat(bodies);

  async function run(
    Key: string,
    options: { algorithm: "CRC32" | "SHA256" | "CRC64NVME"; type?: "FULL_OBJECT" },
  ) {
    const id = await create(Key, {
      ChecksumAlgorithm: options.algorithm,
      ...(options.type && { ChecksumType: options.type }),
    });
    const sent = [];
    for (const [n, body] of bodies.entries()) {
      sent.push(await upload(Key, id, n + 1, body, { ChecksumAlgorithm: options.algorithm }));
    }
    return { id, sent };
  }

  test("are folded into the CRC of the whole", async () => {
    const { id, sent } = await run("full", { algorithm: "CRC32", type: "FULL_OBJECT" });
    const expected = Buffer.alloc(4);
    expected.writeUInt32BE(crc32(whole));
    await expect(
      complete("full", id, sent, { ChecksumCRC32: "AAAAAA==", ChecksumType: "FULL_OBJECT" }),
    ).rejects.toMatchObject({ name: "BadDigest" });
    const answer = await complete("full", id, sent, {
      ChecksumCRC32: expected.toString("base64"),
      ChecksumType: "FULL_OBJECT",
    });
    expect(answer).toMatchObject({
      ChecksumCRC32: expected.toString("base64"),
      ChecksumType: "FULL_OBJECT",
    });
    // The SDK checks what it reads against this checksum.
    const read = await get("full", { ChecksumMode: "ENABLED" });
    expect(read.ChecksumCRC32).toBe(expected.toString("base64"));
    expect((await read.Body?.transformToByteArray())?.length).toBe(whole.length);
  });

  test("make a composite by default, with the number of parts behind it", async () => {
    const { id, sent } = await run("composite", { algorithm: "SHA256" });
    const digests = bodies.map((body) => createHash("sha256").update(body).digest());
    const expected = createHash("sha256").update(Buffer.concat(digests)).digest("base64");
    const answer = await complete("composite", id, sent, { ChecksumSHA256: `${expected}-2` });
    expect(answer).toMatchObject({ ChecksumSHA256: `${expected}-2`, ChecksumType: "COMPOSITE" });
  });

  test("of CRC64NVME are worked out for a client that sends none", async () => {
    const id = await create("nvme", { ChecksumAlgorithm: "CRC64NVME" });
    const url = await getSignedUrl(
      s3.linkClient,
      new UploadPartCommand({ Bucket, Key: "nvme", UploadId: id, PartNumber: 1 }),
    );
    const put = await fetch(url, { method: "PUT", body: "123456789" });
    expect(put.headers.get("x-amz-checksum-crc64nvme")).toBe("rosUhgp5mIg=");
    const answer = await complete("nvme", id, [
      { PartNumber: 1, ETag: put.headers.get("etag") ?? "" },
    ]);
    expect(answer).toMatchObject({
      ChecksumCRC64NVME: "rosUhgp5mIg=",
      ChecksumType: "FULL_OBJECT",
    });
  });

  test("of another algorithm than the upload's are refused", async () => {
    const id = await create("mixed", { ChecksumAlgorithm: "SHA256" });
    await expect(
      upload("mixed", id, 1, part(1, 1), { ChecksumAlgorithm: "CRC32" }),
    ).rejects.toMatchObject({ name: "InvalidRequest" });
  });
});
