import "@aws-sdk/signature-v4a";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  UpdateKeysCommand,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import { ManualClock, type ResourceContext } from "@sluice/cloud";
import { createTestContext, openEndpoint, type TestContext } from "@sluice/cloud/testing";
import { type Edge, openEdge } from "@sluice/edge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathTokenLinksFile } from "../constructs/path-token-links.ts";
import { apps } from "../testing/synthesized.ts";
import { at, isObject, listOf } from "../testing/templates.ts";

const code = readFileSync(pathTokenLinksFile, "utf8");
const videoId = "0198c5f2-7a3b-7c1d-9e4f-5a6b7c8d9e0f";
const otherVideoId = "0198c5f2-7a3b-7c1d-9e4f-000000000000";
const rest = "/4f2a9c/720p/000000.m4s";

let context: TestContext;
let edge: Edge;
let origin: Server;
let asked: IncomingMessage[];
let storeArn: string;
let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
let client: CloudFrontKeyValueStoreClient;
let providers: Edge["resourceProviders"];

async function put(type: string, logicalId: string, properties: unknown) {
  const provider = providers.find((each) => each.type === `AWS::CloudFront::${type}`);
  if (!provider) throw new Error(`No provider of ${type}`);
  const where = { stackName: "Test", logicalId, accountId: "0" } as ResourceContext;
  return provider.put(provider.schema.parse(properties), where);
}
/** Changes the store by its API, as the deploy command and the functions do; undefined deletes. */
async function write(changes: Readonly<Record<string, string | undefined>>) {
  const { ETag } = await client.send(new DescribeKeyValueStoreCommand({ KvsARN: storeArn }));
  const entries = Object.entries(changes);
  await client.send(
    new UpdateKeysCommand({
      KvsARN: storeArn,
      IfMatch: ETag,
      Puts: entries.flatMap(([Key, Value]) => (Value === undefined ? [] : [{ Key, Value }])),
      Deletes: entries.flatMap(([Key, Value]) => (Value === undefined ? [{ Key }] : [])),
    }),
  );
}

/** The behavior of `/play/*` as the app has it, in front of an origin that is a server here. */
async function deploy() {
  storeArn = (await put("KeyValueStore", "Store", { Name: "links" })).attributes.Arn ?? "";
  const { physicalId: FunctionARN } = await put("Function", "Links", {
    Name: "links",
    AutoPublish: true,
    FunctionCode: code,
    FunctionConfig: {
      Comment: "",
      Runtime: "cloudfront-js-2.0",
      KeyValueStoreAssociations: [{ KeyValueStoreARN: storeArn }],
    },
  });
  const { templates } = apps.embedded;
  const config = templates.all("AWS::CloudFront::Distribution")[0]?.properties.DistributionConfig;
  const behavior = listOf(at(config, "CacheBehaviors")).find(
    (each) => at(each, "PathPattern") === "/play/*",
  );
  const stack = "Sluice-Edge";
  /** A policy of the behavior, under a name that needs no CloudFormation. */
  const policyOf = (type: string) => {
    const found = templates.follow(stack, at(behavior, `${type}Id`));
    const config = found?.properties[`${type}Config`];
    if (!isObject(config)) throw new Error(`The behavior has no ${type}.`);
    return put(type, type, { [`${type}Config`]: { ...config, Name: "tested" } });
  };
  const cachePolicy = await policyOf("CachePolicy");
  const headersPolicy = await policyOf("ResponseHeadersPolicy");
  const shared = {
    TargetOriginId: "media",
    ViewerProtocolPolicy: "allow-all",
    CachePolicyId: cachePolicy.physicalId,
  };
  await put("Distribution", "Distribution", {
    DistributionConfig: {
      Enabled: true,
      Origins: [
        {
          Id: "media",
          DomainName: "media.amazonaws.com",
          CustomOriginConfig: { OriginProtocolPolicy: "http-only" },
        },
      ],
      DefaultCacheBehavior: shared,
      CacheBehaviors: [
        {
          ...shared,
          PathPattern: "/play/*",
          ResponseHeadersPolicyId: headersPolicy.physicalId,
          FunctionAssociations: [{ EventType: "viewer-request", FunctionARN }],
        },
      ],
    },
  });
}

beforeEach(async () => {
  asked = [];
  origin = createServer((incoming, response) => {
    asked.push(incoming);
    response.writeHead(200, {
      "content-length": 5,
      "cache-control": "public, max-age=31536000, immutable",
      etag: '"1"',
    });
    response.end("video");
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  context = await createTestContext({ clock: new ManualClock(Date.now()) });
  edge = await openEdge({ port: 0 });
  const services = edge.services(context);
  providers = [...edge.resourceProviders, ...services.flatMap((each) => each.resourceProviders)];
  const { credentials, clock, log, region } = context;
  endpoint = await openEndpoint({
    ...{ host: "127.0.0.1", port: 0, services, credentials, clock, log, region },
  });
  client = new CloudFrontKeyValueStoreClient({
    region,
    credentials: { ...credentials },
    endpointProvider: () => ({ url: new URL(endpoint.url) }),
  });
  edge.connect({
    endpoint: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: context.credentials,
  });
  await deploy();
  await write({ key: "first key" });
});

afterEach(async () => {
  client.destroy();
  await endpoint.close();
  await edge.close();
  await context.dispose();
  origin.closeAllConnections();
  await new Promise((resolve) => origin.close(resolve));
});

const link = "11111111-2222-4333-8444-555555555555";
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

function token({ video = videoId, linkId = link, expires = inAnHour, key = "first key" } = {}) {
  const claims = `${video}.${linkId}.${expires}`;
  return `${claims}.${createHmac("sha256", key).update(claims).digest("base64url")}`;
}

/** By a path as it is: `fetch` would tidy it. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; headers: IncomingMessage["headers"]; body: string }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(edge.url);
      const outgoing = request({ hostname, port, path, headers, method }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          body += text;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      outgoing.on("error", reject).end();
    },
  );
}

const refused = expect.objectContaining({ status: 403 });

describe("a link", () => {
  it("opens its video, which the origin knows by its own address", async () => {
    // Act
    const answer = await get(`/play/${token()}${rest}`);

    // Assess
    expect([answer.status, answer.body]).toEqual([200, "video"]);
    expect(asked.map(({ url }) => url)).toEqual([`/videos/${videoId}${rest}`]);
  });

  it("shares one copy in the cache with every other link to the video", async () => {
    await get(`/play/${token()}${rest}`);
    const answers = [
      await get(`/play/${token({ linkId: "99999999-2222-4333-8444-555555555555" })}${rest}`),
      await get(`/videos/${videoId}${rest}`),
    ];

    expect(answers.map(({ headers }) => headers["x-cache"])).toEqual([
      "Hit from cloudfront",
      "Hit from cloudfront",
    ]);
    expect(asked).toHaveLength(1);
  });

  it("lets no cache but the viewer's own keep the answer, and that only by asking again", async () => {
    const path = `/play/${token()}${rest}`;
    const { headers } = await get(path);

    expect(headers["cache-control"]).toBe("private, no-cache");
    const again = await get(path, { "if-none-match": headers.etag ?? "" });
    expect([again.status, again.headers["cache-control"]]).toEqual([304, "private, no-cache"]);
    await write({ [`revoked.${link}`]: String(inAnHour) });
    expect(await get(path, { "if-none-match": headers.etag ?? "" })).toEqual(refused);
  });

  it("may be read by a player on any page, without credentials", async () => {
    const { headers } = await get(`/play/${token()}${rest}`, { origin: "https://blog.example" });

    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    });
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
  });

  it("answers HEAD and ranges as any media does", async () => {
    const path = `/play/${token()}${rest}`;

    expect(await get(path, {}, "HEAD")).toMatchObject({ status: 200, body: "" });
    await get(path);
    expect(await get(path, { range: "bytes=1-2" })).toMatchObject({ status: 206, body: "id" });
    expect(await get(path, {}, "POST")).toMatchObject({ status: 403 });
  });
});

describe("a link is refused", () => {
  const good = token();
  const parts = good.split(".");
  const withPart = (index: number, text: string) => parts.with(index, text).join(".");

  it.each([
    ["with another video in its place", withPart(0, otherVideoId)],
    ["with another link's id", withPart(1, "99999999-2222-4333-8444-555555555555")],
    ["with a later end", withPart(2, String(inAnHour + 1))],
    ["with a changed signature", withPart(3, `A${(parts[3] ?? "").slice(1)}`)],
    [
      "with a changed last letter of the signature",
      good.replace(/.$/, (c) => (c === "A" ? "B" : "A")),
    ],
    ["without its signature", parts.slice(0, 3).join(".")],
    ["with an empty signature", withPart(3, "")],
    ["with a signature of another key", token({ key: "another key" })],
    ["with a number that is none", withPart(2, "1e12")],
    ["in capitals", good.toUpperCase()],
    ["that expired", token({ expires: Math.floor(Date.now() / 1000) - 1 })],
    ["that never began", token({ expires: 0 })],
  ])("%s", async (_what, changed) => {
    expect(await get(`/play/${changed}${rest}`)).toEqual(refused);
    expect(asked).toEqual([]);
  });

  it.each([
    ["dots", `/../${otherVideoId}/4f2a9c/720p/000000.m4s`],
    ["dots in percent code", `/%2e%2e/${otherVideoId}/000000.m4s`],
    ["a dot", "/./000000.m4s"],
    ["an escaped slash", `/4f2a9c%2f720p/000000.m4s`],
    ["an escaped backslash", `/4f2a9c%5c..%5c/000000.m4s`],
    ["a double escape", "/%252e%252e/000000.m4s"],
    ["an empty name", "//000000.m4s"],
    ["nothing", ""],
    ["a trailing slash", "/4f2a9c/"],
    ["a hidden name", "/.well-known/x"],
    ["a semicolon", "/4f2a9c/000000.m4s;x"],
    ["a line break", "/4f2a9c/000000.m4s%0a"],
    ["a query", `${rest}?x=1`],
    ["the signing parameters of CloudFront", `${rest}?Policy=a&Signature=b&Key-Pair-Id=c`],
    ["another video in the query", `${rest}?/videos/${otherVideoId}/`],
  ])("with a path that has %s", async (_what, path) => {
    expect(await get(`/play/${good}${path}`)).toEqual(refused);
    expect(asked).toEqual([]);
  });

  it("with a backslash or a fragment in its address: that is no request", async () => {
    expect((await get(`/play/${good}\\..${rest}`)).status).toBe(400);
    expect((await get(`/play/${good}${rest}#x`)).status).toBe(400);
  });

  it("under another host name", async () => {
    expect((await get(`/play/${good}${rest}`, { host: "evil.example" })).status).toBe(421);
  });

  it("from the moment it is revoked, also what the cache holds", async () => {
    // Prepare
    const path = `/play/${good}${rest}`;
    expect((await get(path)).status).toBe(200);

    // Act
    await write({ [`revoked.${link}`]: String(inAnHour) });

    // Assess
    expect(await get(path)).toEqual(refused);
    expect(await get(`/play/${token({ expires: inAnHour + 9 })}${rest}`)).toEqual(refused);
  });

  it("when it was revoked, while the one that was made after it opens", async () => {
    await write({ [`revoked.${link}`]: String(inAnHour) });
    const next = token({ linkId: "99999999-2222-4333-8444-555555555555" });

    expect((await get(`/play/${next}${rest}`)).status).toBe(200);
    expect(await get(`/play/${good}${rest}`)).toEqual(refused);
  });

  it("when the key is another one now, while links of that one open", async () => {
    await get(`/play/${good}${rest}`);
    await write({ key: "second key" });

    expect(await get(`/play/${good}${rest}`)).toEqual(refused);
    expect((await get(`/play/${token({ key: "second key" })}${rest}`)).status).toBe(200);
  });

  it("when the store has no key: nothing is handed out", async () => {
    await write({ key: undefined });

    expect((await get(`/play/${good}${rest}`)).status).toBe(503);
    expect(asked).toEqual([]);
  });

  it("with a message that does not repeat what was sent", async () => {
    const { body, headers } = await get(`/play/${withPart(3, "A".repeat(43))}${rest}`);

    expect(body).toBe("This link is not valid.\n");
    expect(headers["content-type"]).toBe("text/plain");
  });
});

it("fits CloudFront's quota of 10 KB", () => {
  expect(Buffer.byteLength(code)).toBeLessThan(10 * 1024);
});
