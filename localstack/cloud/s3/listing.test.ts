import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsCommand,
  type ListObjectsCommandInput,
  type ListObjectsCommandOutput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { afterPrefix } from "./key-order.ts";
import { listPage } from "./list-page.ts";
import { openS3, type S3Fixture } from "./s3-fixture.ts";

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const keyArbitrary = fc.string({
  unit: fc.constantFrom("a", "b", "/", "\u0000", "ü", "\ud7ff", "\uffff", "\u{10ffff}"),
  minLength: 1,
  maxLength: 5,
});

describe("the order of keys", () => {
  test("what is behind a prefix is behind all that begins with it, and before the rest", () => {
    fc.assert(
      fc.property(keyArbitrary, keyArbitrary, (prefix, key) => {
        const after = afterPrefix(prefix);
        const isBefore = after === undefined || byBytes(key, after) < 0;
        expect(isBefore).toBe(key.startsWith(prefix) || byBytes(key, prefix) < 0);
      }),
    );
  });

  test("pages of any size, laid end to end, are the whole list", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(keyArbitrary, { maxLength: 30 }),
        fc.string({ unit: fc.constantFrom("a", "/", "ü"), maxLength: 2 }),
        fc.constantFrom("", "/", "b/"),
        fc.integer({ min: 1, max: 5 }),
        (keys, prefix, delimiter, limit) => {
          const sorted = keys.toSorted(byBytes);
          const expected = new Set(
            sorted
              .filter((key) => key.startsWith(prefix))
              .map((key) => {
                const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
                return at < 0 ? `key ${key}` : `prefix ${key.slice(0, at + delimiter.length)}`;
              }),
          );
          const listed: string[] = [];
          for (let from: string | undefined = ""; from !== undefined; ) {
            const page: ReturnType<typeof listPage> = listPage(
              { prefix, delimiter, from, limit },
              (start, below, count) =>
                sorted
                  .filter(
                    (key) =>
                      byBytes(key, start) >= 0 && (below === undefined || byBytes(key, below) < 0),
                  )
                  .slice(0, count)
                  .map((key) => ({ key })),
            );
            listed.push(...page.items.map(({ key }) => `key ${key}`));
            listed.push(...page.commonPrefixes.map((folded) => `prefix ${folded}`));
            expect(page.items.length + page.commonPrefixes.length).toBeLessThanOrEqual(limit);
            from = page.next;
          }
          expect(listed).toHaveLength(expected.size);
          expect(new Set(listed)).toEqual(expected);
        },
      ),
    );
  });
});

describe("a bucket of many objects", () => {
  let s3: S3Fixture;
  const count = 20_000;
  const keyOf = (n: number) =>
    `videos/${String(n % 50).padStart(2, "0")}/${String(n).padStart(6, "0")}.m4s`;

  beforeAll(async () => {
    s3 = await openS3();
    await s3.client.send(new PutObjectCommand({ Bucket: "media", Key: "first ü&<", Body: "x" }));
    const copy = s3.context.database.prepare(
      `INSERT INTO s3_objects SELECT bucket, ?, content_id, headers, modified_at FROM s3_objects WHERE bucket = 'media' AND key = 'first ü&<'`,
    );
    s3.context.transaction(() => {
      for (let n = 0; n < count; n++) copy.run(keyOf(n));
    });
  });
  afterAll(() => s3.close());

  test("is listed whole, in order, a thousand at a time", async () => {
    const keys: string[] = [];
    let pages = 0;
    for await (const page of paginateListObjectsV2(
      { client: s3.client },
      { Bucket: "media", Prefix: "videos/" },
    )) {
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
      pages++;
    }
    expect(pages).toBe(20);
    expect(keys).toEqual(Array.from({ length: count }, (_, n) => keyOf(n)).sort());
  });

  test("is folded at a delimiter, one page after another", async () => {
    const list = (more = {}) =>
      s3.client.send(
        new ListObjectsV2Command({
          Bucket: "media",
          Prefix: "videos/",
          Delimiter: "/",
          MaxKeys: 30,
          ...more,
        }),
      );
    const first = await list();
    expect([first.KeyCount, first.IsTruncated, first.CommonPrefixes?.[0]?.Prefix]).toEqual([
      30,
      true,
      "videos/00/",
    ]);
    const second = await list({ ContinuationToken: first.NextContinuationToken });
    expect([second.KeyCount, second.IsTruncated, second.CommonPrefixes?.at(-1)?.Prefix]).toEqual([
      20,
      false,
      "videos/49/",
    ]);
    const later = await list({ StartAfter: "videos/48/zzz" });
    expect(later.CommonPrefixes).toEqual([{ Prefix: "videos/49/" }]);
  });

  test("is listed by the first version too, by markers, whole and folded", async () => {
    const pageThrough = async (more: Partial<ListObjectsCommandInput>) => {
      const keys: (string | undefined)[] = [];
      for (let Marker: string | undefined = ""; Marker !== undefined; ) {
        const page: ListObjectsCommandOutput = await s3.client.send(
          new ListObjectsCommand({ Bucket: "media", Prefix: "videos/", Marker, ...more }),
        );
        const found = [
          ...(page.Contents ?? []).map(({ Key }) => Key),
          ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        ];
        keys.push(...found);
        Marker = page.IsTruncated ? (page.NextMarker ?? found.at(-1)) : undefined;
      }
      return keys;
    };

    expect(await pageThrough({})).toEqual(Array.from({ length: count }, (_, n) => keyOf(n)).sort());
    expect(await pageThrough({ Delimiter: "/", MaxKeys: 7 })).toEqual(
      Array.from({ length: 50 }, (_, n) => `videos/${String(n).padStart(2, "0")}/`),
    );
  });

  test("has each object once, as its version null", async () => {
    let marker: string | undefined;
    let seen = 0;
    do {
      const page: ListObjectVersionsCommandOutput = await s3.client.send(
        new ListObjectVersionsCommand({ Bucket: "media", Prefix: "videos/", KeyMarker: marker }),
      );
      expect(page.Versions?.every((it) => it.VersionId === "null" && it.IsLatest)).toBe(true);
      seen += page.Versions?.length ?? 0;
      marker = page.NextKeyMarker;
    } while (marker !== undefined);
    expect(seen).toBe(count);
  });

  test("shows every object that was there all along exactly once, while others come and go", async () => {
    const keys: string[] = [];
    let Marker: string | undefined;
    for (let n = 0; ; n++) {
      const page: ListObjectsCommandOutput = await s3.client.send(
        new ListObjectsCommand({ Bucket: "media", Prefix: "videos/", Marker }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
      if (!page.IsTruncated) break;
      Marker = keys.at(-1);
      // One in front of what was listed, one behind, and the one just listed goes.
      for (const Key of [`videos/00/new-${n}`, `videos/49/new-${n}`]) {
        await s3.client.send(new PutObjectCommand({ Bucket: "media", Key, Body: "x" }));
      }
      if (n > 0) {
        const Key = `videos/00/new-${n - 1}`;
        await s3.client.send(new DeleteObjectCommand({ Bucket: "media", Key }));
      }
    }

    const standing = keys.filter((key) => !key.includes("new-"));
    expect(standing).toEqual(Array.from({ length: count }, (_, n) => keyOf(n)).sort());
    expect(new Set(keys).size).toBe(keys.length);
    for (let n = 0; n < 20; n++) {
      for (const Key of [`videos/00/new-${n}`, `videos/49/new-${n}`]) {
        await s3.client.send(new DeleteObjectCommand({ Bucket: "media", Key }));
      }
    }
  });

  test("gives keys as they are and escaped, and refuses a made-up token", async () => {
    const list = (more = {}) =>
      s3.client.send(new ListObjectsV2Command({ Bucket: "media", MaxKeys: 1, ...more }));
    expect((await list()).Contents?.[0]).toMatchObject({
      Key: "first ü&<",
      Size: 1,
      StorageClass: "STANDARD",
    });
    expect((await list({ EncodingType: "url" })).Contents?.[0]?.Key).toBe("first%20%C3%BC%26%3C");
    await expect(list({ ContinuationToken: "!" })).rejects.toMatchObject({
      name: "InvalidArgument",
    });
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test("loses a thousand keys in one call, and takes no more than that", async () => {
    const Objects = Array.from({ length: 1001 }, (_, n) => ({ Key: keyOf(n) }));
    const remove = (some: typeof Objects) =>
      s3.client.send(
        new DeleteObjectsCommand({ Bucket: "media", Delete: { Objects: some, Quiet: true } }),
      );
    await expect(remove(Objects)).rejects.toMatchObject({ name: "MalformedXML" });
    expect((await remove(Objects.slice(1))).Deleted).toBeUndefined();
    const { Contents } = await s3.client.send(
      new ListObjectsV2Command({ Bucket: "media", Prefix: "videos/00/" }),
    );
    expect(Contents?.map(({ Key }) => Key)).toContain(keyOf(0));
    expect(Contents?.map(({ Key }) => Key)).not.toContain(keyOf(50));
  });
});
