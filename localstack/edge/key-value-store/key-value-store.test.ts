import "@aws-sdk/signature-v4a";
import {
  CloudFrontKeyValueStoreClient,
  ConflictException,
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  ListKeysCommand,
  PutKeyCommand,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  UpdateKeysCommand,
  ValidationException,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import { ManualClock, type ResourceContext } from "@sluice/cloud";
import { createTestContext, openEndpoint, type TestContext } from "@sluice/cloud/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KeyValueStores } from "./key-value-stores.ts";
import { keyValueStoreService } from "./service.ts";

let context: TestContext;
let stores: KeyValueStores;
let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
let client: CloudFrontKeyValueStoreClient;
let KvsARN: string;

/** The stock client; only where it goes is told (docs/differences.md, CloudFront). */
const clientFor = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
  new CloudFrontKeyValueStoreClient({
    region: "us-east-1",
    credentials: { ...credentials },
    maxAttempts: 1,
    endpointProvider: () => ({ url: new URL(endpoint.url) }),
  });

beforeEach(async () => {
  // The client signs by the time of day.
  context = await createTestContext({ clock: new ManualClock(Date.now()) });
  stores = new KeyValueStores(context);
  const service = keyValueStoreService(stores);
  endpoint = await openEndpoint({
    host: "127.0.0.1",
    port: 0,
    services: [service],
    credentials: context.credentials,
    clock: context.clock,
    log: context.log,
    region: context.region,
  });
  client = clientFor(context.credentials);
  const [provider] = service.resourceProviders;
  const made = await provider?.put(provider.schema.parse({ Name: "links" }), {} as ResourceContext);
  KvsARN = made?.attributes.Arn ?? "";
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
  await context.dispose();
});

const etag = async () =>
  (await client.send(new DescribeKeyValueStoreCommand({ KvsARN }))).ETag ?? "";
const put = async (Key: string, Value: string, IfMatch?: string) =>
  client.send(new PutKeyCommand({ KvsARN, Key, Value, IfMatch: IfMatch ?? (await etag()) }));

describe("a key value store, by the stock client", () => {
  test("keeps a value that the edge reads at once", async () => {
    // Act
    const answer = await put("a/b ü", "grün");

    // Assess
    expect(answer).toMatchObject({ ItemCount: 1, TotalSizeInBytes: 11 });
    expect(stores.read(KvsARN, "a/b ü")).toBe("grün");
    expect(await client.send(new GetKeyCommand({ KvsARN, Key: "a/b ü" }))).toMatchObject({
      Key: "a/b ü",
      Value: "grün",
    });
    expect(await client.send(new DescribeKeyValueStoreCommand({ KvsARN }))).toMatchObject({
      KvsARN,
      ETag: answer.ETag,
      ItemCount: 1,
      Status: "READY",
      Created: new Date(Math.trunc(context.clock.now())),
    });
  });

  test("changes several keys together or none", async () => {
    // Prepare
    await put("old", "1");

    // Act
    await client.send(
      new UpdateKeysCommand({
        KvsARN,
        IfMatch: await etag(),
        Puts: [{ Key: "new", Value: "2" }],
        Deletes: [{ Key: "old" }],
      }),
    );
    const failing = client.send(
      new UpdateKeysCommand({
        KvsARN,
        IfMatch: await etag(),
        Puts: [{ Key: "newer", Value: "3" }],
        Deletes: [{ Key: "never there" }],
      }),
    );

    // Assess
    await expect(failing).rejects.toThrow(ResourceNotFoundException);
    expect(stores.list(KvsARN, undefined, 10)).toEqual([["new", "2"]]);
  });

  test("lists its keys page by page", async () => {
    for (const key of ["c", "a", "b"]) await put(key, key);

    const first = await client.send(new ListKeysCommand({ KvsARN, MaxResults: 2 }));
    const { NextToken } = first;
    const second = await client.send(new ListKeysCommand({ KvsARN, MaxResults: 2, NextToken }));

    expect([...(first.Items ?? []), ...(second.Items ?? [])].map(({ Key }) => Key)).toEqual(
      "abc".split(""),
    );
    expect(second.NextToken).toBeUndefined();
  });

  test("takes no write from one who saw an older store", async () => {
    const before = await etag();
    await put("a", "1");

    await expect(put("a", "2", before)).rejects.toThrow(ConflictException);
    await expect(
      client.send(new DeleteKeyCommand({ KvsARN, Key: "a", IfMatch: before })),
    ).rejects.toThrow(ConflictException);
    expect(stores.read(KvsARN, "a")).toBe("1");
  });

  test.each([
    ["a key of more than 512 bytes", "ü".repeat(257), "1"],
    ["a value of more than 1 KB", "a", "x".repeat(1025)],
    ["an empty value", "a", ""],
  ])("refuses %s", async (_what, key, value) => {
    await expect(put(key, value)).rejects.toThrow(ValidationException);
  });

  test("refuses more than 50 keys at once, a key twice, and 5 MB in all", async () => {
    const update = async (Puts: { Key: string; Value: string }[]) =>
      client.send(new UpdateKeysCommand({ KvsARN, IfMatch: await etag(), Puts }));
    const keys = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ Key: String(index), Value: "1" }));

    await expect(update(keys(51))).rejects.toThrow(ValidationException);
    await expect(update([...keys(1), ...keys(1)])).rejects.toThrow(ValidationException);
    const filler = Array.from({ length: 5120 }, (_, index) => ({
      key: String(index),
      value: "x".repeat(1024 - String(index).length),
    }));
    stores.update(KvsARN, await etag(), { puts: filler, deletes: [] });
    await expect(
      update(keys(1).map(() => ({ Key: "z", Value: "x".repeat(1024) }))),
    ).rejects.toThrow(ServiceQuotaExceededException);
  });

  test("is found again after a restart, with what it holds", async () => {
    const { ETag } = await put("a", "1");

    const again = new KeyValueStores(context);

    expect(again.read(KvsARN, "a")).toBe("1");
    expect(again.describe(KvsARN).etag).toBe(ETag);
    expect(again.ensure("links").arn).toBe(KvsARN);
  });

  test("is gone with its keys when it leaves the template", async () => {
    await put("a", "1");
    const [provider] = keyValueStoreService(stores).resourceProviders;
    await provider?.delete("links", {} as ResourceContext);

    await expect(etag()).rejects.toThrow(ResourceNotFoundException);
    expect(new KeyValueStores(context).has(KvsARN)).toBe(false);
  });
});

describe("a request is let in by its asymmetric signature alone:", () => {
  test("not with another secret", async () => {
    const other = clientFor({ ...context.credentials, secretAccessKey: "another" });

    await expect(other.send(new DescribeKeyValueStoreCommand({ KvsARN }))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });

  test("not when something was changed on the way, nor unsigned", async () => {
    // Prepare
    const sent: { url: string; method: string; headers: Record<string, string>; body?: string }[] =
      [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as {
          method: string;
          path: string;
          headers: Record<string, string>;
          body?: string;
        };
        sent.push({ ...request, url: `${endpoint.url}${request.path}` });
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    await put("a", "1", await etag());
    const [, original] = sent;
    const replay = async (change: Partial<(typeof sent)[number]>) => {
      const { url = "", method = "", headers = {}, body } = { ...original, ...change };
      const { host: _host, "content-length": _length, ...others } = headers;
      const answer = await fetch(url, { method, headers: others, body: body ?? null });
      return [answer.status, answer.headers.get("x-amzn-errortype")];
    };
    const headers = original?.headers ?? {};

    // Act, assess: the same again passes the signature, and is stopped by If-Match.
    expect(await replay({})).toEqual([409, "ConflictException"]);
    const refused = [403, "InvalidSignatureException"];
    expect(await replay({ url: original?.url.replace(/a$/, "b") ?? "" })).toEqual(refused);
    expect(await replay({ headers: { ...headers, "x-amz-region-set": "us-east-1" } })).toEqual(
      refused,
    );
    expect((await replay({ body: '{"Value":"2"}' }))[1]).toBe("XAmzContentSHA256Mismatch");
    expect((await replay({ headers: { ...headers, "x-amz-region-set": "eu-west-1" } }))[1]).toBe(
      "AuthorizationHeaderMalformed",
    );
    const { authorization = "", ...unsigned } = headers;
    expect((await replay({ headers: unsigned }))[0]).toBe(403);
    const symmetric = authorization.replace("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256");
    expect((await replay({ headers: { ...headers, authorization: symmetric } }))[1]).toBe(
      "AuthorizationHeaderMalformed",
    );
    expect(stores.read(KvsARN, "a")).toBe("1");
  });
});
