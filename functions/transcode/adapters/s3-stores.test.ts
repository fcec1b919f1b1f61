import { createHash, randomUUID } from "node:crypto";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openS3 } from "../../../localstack/cloud/s3/s3-fixture.ts";
import { sourceKey } from "../domain/keys.ts";
import { linkRangeReader, linkTransfer } from "./link-transfer.ts";
import { s3LinkSigner } from "./s3-link-signer.ts";
import { s3MediaStore } from "./s3-media-store.ts";
import { s3SourceStore } from "./s3-source-store.ts";

let s3: Awaited<ReturnType<typeof openS3>>;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3.close());

const { signal } = new AbortController();
const open = () => ({
  media: s3MediaStore(s3.linkClient, "media"),
  sources: s3SourceStore(s3.linkClient, "media"),
  links: s3LinkSigner(s3.linkClient, { source: "media", media: "media" }),
});
const headers = {
  "content-type": "video/iso.segment",
  "cache-control": "public, max-age=31536000, immutable",
  "if-none-match": "*",
};
const bytes = new TextEncoder().encode("segment");

describe("a link to write", () => {
  it("writes once, with its headers; a second write leaves what is there", async () => {
    // Prepare
    const { links, media } = open();
    const key = `videos/${randomUUID()}/000000.m4s`;
    const link = await links.write(key, headers);

    // Act
    await linkTransfer.put(link, bytes, signal);
    await linkTransfer.put(link, new TextEncoder().encode("another"), signal);

    // Assess
    const etag = createHash("md5").update(bytes).digest("hex");
    expect(await media.head(key, 3)).toEqual({ bytes: 7, etag, start: bytes.subarray(0, 3) });
    const object = await s3.client.send(new GetObjectCommand({ Bucket: "media", Key: key }));
    expect(object.CacheControl).toBe(headers["cache-control"]);
    expect(object.ContentType).toBe(headers["content-type"]);
    expect(await object.Body?.transformToString()).toBe("segment");
  });

  it.each(["content-type", "cache-control", "if-none-match"])(
    "is refused without its %s",
    async (name) => {
      const { links } = open();
      const link = await links.write(`videos/${randomUUID()}/000000.m4s`, headers);
      const kept = Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name));
      await expect(linkTransfer.put({ ...link, headers: kept }, bytes, signal)).rejects.toThrow(
        "The upload answered 403.",
      );
    },
  );
});

describe("the stores of S3", () => {
  it("describe, read and remove a source, and read it by link", async () => {
    // Prepare
    const { links, sources } = open();
    const videoId = randomUUID();
    const Key = sourceKey(videoId);
    await s3.client.send(new PutObjectCommand({ Bucket: "media", Key, Body: bytes }));

    // Act and assess
    expect((await sources.describe(videoId))?.bytes).toBe(7);
    expect(await sources.read(videoId, 2, 5)).toEqual(bytes.subarray(2, 5));
    const read = linkRangeReader(await links.readSource(videoId));
    expect(await read(2, 5, signal)).toEqual(bytes.subarray(2, 5));
    await sources.remove(videoId);
    expect(await sources.describe(videoId)).toBeUndefined();
  });

  it("replace a playlist only as it was read, so that of two writers one starts anew", async () => {
    // Prepare
    const { media } = open();
    const key = `videos/${randomUUID()}/index.m3u8`;
    const growing = { segments: 1, ended: false };

    // Act and assess
    expect(await media.playlistState(key)).toBeUndefined();
    expect(await media.writePlaylist(key, "one", growing, undefined)).toBe(true);
    expect(await media.writePlaylist(key, "two", growing, undefined)).toBe(false);
    const first = await media.playlistState(key);
    expect(first).toMatchObject(growing);
    const more = { segments: 2, ended: true };
    expect(await media.writePlaylist(key, "three", more, first)).toBe(true);
    expect(await media.writePlaylist(key, "four", growing, first)).toBe(false);
    expect(await media.playlistState(key)).toMatchObject(more);
  });

  it("remove everything below a prefix and nothing beside it", async () => {
    const { media } = open();
    const [one, other] = [`videos/${randomUUID()}/`, `videos/${randomUUID()}/`];
    for (const key of [`${one}a`, `${one}b/c`, `${other}a`])
      await s3.client.send(new PutObjectCommand({ Bucket: "media", Key: key, Body: bytes }));
    await media.removeAll(one);
    expect(await media.head(`${one}a`, 0)).toBeUndefined();
    expect(await media.head(`${one}b/c`, 1)).toBeUndefined();
    expect((await media.head(`${other}a`, 0))?.bytes).toBe(7);
  });
});
