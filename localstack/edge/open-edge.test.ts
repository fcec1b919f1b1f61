import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { getSignedCookies } from "@aws-sdk/cloudfront-signer";
import { ManualClock, type ResourceContext } from "@sluice/cloud";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Edge, openEdge } from "./open-edge.ts";

const key = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const plainMediaAddresses = readFileSync(
  new URL("../../infra/viewer-functions/plain-media-addresses.js", import.meta.url),
  "utf8",
);
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let clock: ManualClock;
let origin: Server;
let edge: Edge;
let answer: Answer;
let asked: {
  method: string;
  url: string;
  host: string | undefined;
  headers: IncomingMessage["headers"];
}[];
let keyPairId: string;

const context = (logicalId: string) =>
  ({ stackName: "Test", logicalId, accountId: "0", region: "us-east-1" }) as ResourceContext;

async function put(type: string, logicalId: string, properties: unknown) {
  const provider = edge.resourceProviders.find((candidate) => candidate.type === type);
  if (!provider) throw new Error(`No provider of ${type}`);
  return provider.put(provider.schema.parse(properties), context(logicalId));
}

const cacheNothingInKey = {
  EnableAcceptEncodingGzip: true,
  EnableAcceptEncodingBrotli: true,
  HeadersConfig: { HeaderBehavior: "none" },
  CookiesConfig: { CookieBehavior: "none" },
  QueryStringsConfig: { QueryStringBehavior: "none" },
};

async function deployDistribution() {
  const publicKey = await put("AWS::CloudFront::PublicKey", "Key", {
    PublicKeyConfig: { Name: "k", EncodedKey: key.publicKey, CallerReference: "1" },
  });
  keyPairId = publicKey.physicalId;
  const group = await put("AWS::CloudFront::KeyGroup", "Group", {
    KeyGroupConfig: { Name: "g", Items: [keyPairId] },
  });
  const policy = await put("AWS::CloudFront::CachePolicy", "Policy", {
    CachePolicyConfig: {
      Name: "media",
      MinTTL: 0,
      DefaultTTL: 60,
      MaxTTL: 3600,
      ParametersInCacheKeyAndForwardedToOrigin: cacheNothingInKey,
    },
  });
  const headers = await put("AWS::CloudFront::ResponseHeadersPolicy", "Headers", {
    ResponseHeadersPolicyConfig: {
      Name: "h",
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
    },
  });
  const guard = await put("AWS::CloudFront::Function", "Guard", {
    Name: "guard",
    AutoPublish: true,
    FunctionCode: plainMediaAddresses,
    FunctionConfig: { Comment: "", Runtime: "cloudfront-js-2.0" },
  });
  const cached = {
    ViewerProtocolPolicy: "redirect-to-https",
    CachePolicyId: policy.physicalId,
    ResponseHeadersPolicyId: headers.physicalId,
  };
  return put("AWS::CloudFront::Distribution", "Distribution", {
    DistributionConfig: {
      Enabled: true,
      DefaultRootObject: "index.html",
      Origins: [
        {
          Id: "web",
          DomainName: "web.s3.us-east-1.amazonaws.com",
          S3OriginConfig: { OriginAccessIdentity: "" },
          OriginAccessControlId: "E1",
        },
        {
          Id: "api",
          DomainName: "abc.execute-api.us-east-1.amazonaws.com",
          CustomOriginConfig: { OriginProtocolPolicy: "https-only" },
        },
      ],
      DefaultCacheBehavior: { TargetOriginId: "web", ...cached, Compress: true },
      CacheBehaviors: [
        {
          PathPattern: "/api/*",
          TargetOriginId: "api",
          ViewerProtocolPolicy: "redirect-to-https",
          AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
          CachePolicyId: cachingDisabled,
          OriginRequestPolicyId: allViewerExceptHost,
        },
        {
          PathPattern: "/videos/*",
          TargetOriginId: "web",
          ...cached,
          TrustedKeyGroups: [group.physicalId],
          FunctionAssociations: [
            { EventType: "viewer-request", FunctionARN: guard.attributes.FunctionARN },
          ],
        },
      ],
      CustomErrorResponses: [{ ErrorCode: 404, ErrorCachingMinTTL: 1 }],
    },
  });
}

beforeEach(async () => {
  clock = new ManualClock();
  asked = [];
  answer = (_request, response) => response.end("unset");
  origin = createServer((incoming, response) => {
    asked.push({
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      host: incoming.headers.host,
      headers: incoming.headers,
    });
    answer(incoming, response);
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  edge = await openEdge({ port: 0, clock });
  edge.connect({
    endpoint: `http://127.0.0.1:${(origin.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
  });
});

afterEach(async () => {
  await edge.close();
  origin.closeAllConnections();
  await new Promise((resolve) => origin.close(resolve));
});

const get = (path: string, init?: RequestInit) => fetch(`${edge.url}${path}`, init);
const say =
  (body: string, headers: Record<string, string> = {}, status = 200): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
    response.end(body);
  };

/** As playback hands them out: for one video, for a minute, under any host. */
function cookiesFor(video: string): string {
  const cookies = getSignedCookies({
    keyPairId,
    privateKey: key.privateKey,
    policy: JSON.stringify({
      Statement: [
        {
          Resource: `http*://*/videos/${video}/*`,
          Condition: { DateLessThan: { "AWS:EpochTime": clock.now() / 1000 + 60 } },
        },
      ],
    }),
  });
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
}

/** The path goes out exactly as it is, unlike with fetch. */
function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const { hostname, port } = new URL(edge.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("the edge", () => {
  test("says that it has nothing to serve until a distribution is deployed", async () => {
    const response = await get("/");

    expect(response.status).toBe(503);
    expect(asked).toEqual([]);
  });

  test("serves the default root object from S3, signed, under the bucket's own host", async () => {
    await deployDistribution();
    answer = say("<html>", { "content-type": "text/html", "cache-control": "max-age=60" });

    const response = await get("/");

    expect(await response.text()).toBe("<html>");
    expect(response.headers.get("x-cache")).toBe("Miss from cloudfront");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(asked[0]).toMatchObject({ url: "/index.html", host: "web.s3.us-east-1.amazonaws.com" });
    expect(asked[0]?.headers.authorization).toContain("/us-east-1/s3/aws4_request");
  });

  test("answers from its cache while fresh, with Age, and asks again afterwards", async () => {
    await deployDistribution();
    answer = say("v1", { "cache-control": "max-age=60", etag: '"1"' });
    await (await get("/a.txt")).text();
    clock.advance(59_000);

    const hit = await get("/a.txt");
    clock.advance(1_000);
    answer = (request, response) => {
      expect(request.headers["if-none-match"]).toBe('"1"');
      response.writeHead(304, { etag: '"1"', "cache-control": "max-age=60" }).end();
    };
    const refreshed = await get("/a.txt");

    expect([hit.headers.get("x-cache"), hit.headers.get("age")]).toEqual([
      "Hit from cloudfront",
      "59",
    ]);
    expect(refreshed.headers.get("x-cache")).toBe("RefreshHit from cloudfront");
    expect(await refreshed.text()).toBe("v1");
    expect(asked).toHaveLength(2);
  });

  test("many viewers at once cost the origin one request, and read while it still sends", async () => {
    await deployDistribution();
    let finish = () => {};
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "6", "cache-control": "max-age=60" });
      response.write("abc");
      finish = () => response.end("def");
    };
    const viewers = await Promise.all(Array.from({ length: 20 }, () => get("/segment")));
    const readers = viewers.map((viewer) =>
      (viewer.body as ReadableStream<Uint8Array>).getReader(),
    );

    const firstBytes = await Promise.all(readers.map((reader) => reader.read()));
    finish();
    const lastBytes = await Promise.all(readers.map((reader) => reader.read()));

    const text = (read: { value?: Uint8Array | undefined }) =>
      Buffer.from(read.value ?? []).toString();
    expect(new Set(firstBytes.map(text))).toEqual(new Set(["abc"]));
    expect(new Set(lastBytes.map(text))).toEqual(new Set(["def"]));
    expect(asked).toHaveLength(1);
    expect(
      viewers.filter((viewer) => viewer.headers.get("x-cache")?.startsWith("Hit")),
    ).toHaveLength(19);
  });

  test("a viewer who leaves does not take the answer from the others", async () => {
    await deployDistribution();
    let finish = () => {};
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "6", "cache-control": "max-age=60" });
      response.write("abc");
      finish = () => response.end("def");
    };
    const plain = { headers: { "accept-encoding": "identity" } };
    const leaving = request(`${edge.url}/segment`, plain).on("error", () => {});
    const left = new Promise<void>((resolve) => {
      leaving.on("response", (response) => {
        response.on("error", () => {});
        leaving.destroy();
        resolve();
      });
    });
    leaving.end();
    await left;

    const staying = await get("/segment", plain);
    finish();

    expect(await staying.text()).toBe("abcdef");
    expect(asked).toHaveLength(1);
  });

  test("cuts ranges out of what it has and fetches the whole only once", async () => {
    await deployDistribution();
    answer = say("0123456789", { "cache-control": "max-age=60" });

    const part = await get("/clip", { headers: { range: "bytes=2-4" } });
    const beyond = await get("/clip", { headers: { range: "bytes=10-" } });
    const several = await get("/clip", { headers: { range: "bytes=0-1,4-5" } });

    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    expect([several.status, await several.text()]).toEqual([200, "0123456789"]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers.range).toBeUndefined();
  });

  test("a name from outside that points here is refused, so that no other page can read this one's", async () => {
    await deployDistribution();
    const status = await new Promise((resolve, reject) => {
      const asking = request(`${edge.url}/config.json`, { headers: { host: "evil.example" } });
      asking
        .on("response", (response) => resolve(response.resume().statusCode))
        .on("error", reject);
      asking.end();
    });

    expect(status).toBe(421);
    expect(asked).toEqual([]);
  });

  test("keeps a 404 for the error TTL of the distribution", async () => {
    await deployDistribution();
    answer = say("no", {}, 404);
    const first = await get("/missing");
    const second = await get("/missing");
    clock.advance(1_000);
    answer = say("there", { "cache-control": "max-age=60" });
    const third = await get("/missing");

    expect([first.status, second.status, third.status]).toEqual([404, 404, 200]);
    expect(asked).toHaveLength(2);
  });

  test("serves what it has when the origin fails, and asks again only after the error TTL", async () => {
    await deployDistribution();
    answer = say("v1", { "cache-control": "max-age=1" });
    await (await get("/a")).text();
    clock.advance(2_000);
    answer = say("broken", {}, 503);

    const bodies = [await (await get("/a")).text(), await (await get("/a")).text()];
    clock.advance(10_000);
    answer = say("v2", { "cache-control": "max-age=1" });
    bodies.push(await (await get("/a")).text());

    expect(bodies).toEqual(["v1", "v1", "v2"]);
    expect(asked).toHaveLength(3);
  });

  test("an origin that is cut off in the middle breaks the answer instead of shortening it", async () => {
    await deployDistribution();
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "6", "cache-control": "max-age=60" });
      response.write("abc", () => response.destroy());
    };

    await expect(get("/a").then((response) => response.text())).rejects.toThrow();
    answer = say("abcdef", { "cache-control": "max-age=60" });

    expect(await (await get("/a")).text()).toBe("abcdef");
  });

  test("passes the API through: method, body, query, authorization, every Set-Cookie", async () => {
    await deployDistribution();
    let received = "";
    answer = async (incoming, response) => {
      for await (const chunk of incoming) received += chunk;
      response.writeHead(201, {
        "set-cookie": ["a=1", "b=2", "c=3"],
        "content-type": "application/json",
      });
      response.end("{}");
    };

    const response = await get("/api/uploads?x=1", {
      method: "POST",
      body: '{"size":1}',
      headers: { authorization: "Bearer t", "content-type": "application/json", cookie: "s=1" },
    });

    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2", "c=3"]);
    expect(received).toBe('{"size":1}');
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: "/api/uploads?x=1",
      host: "abc.execute-api.us-east-1.amazonaws.com",
      headers: { authorization: "Bearer t", cookie: "s=1", "x-forwarded-for": "127.0.0.1" },
    });
  });

  test("a method that the behavior does not allow is refused without asking the origin", async () => {
    await deployDistribution();

    const response = await get("/a", { method: "DELETE" });

    expect(response.status).toBe(403);
    expect(asked).toEqual([]);
  });

  test("compresses text once per encoding", async () => {
    await deployDistribution();
    const text = "Sluice ".repeat(1000);
    answer = say(text, { "content-type": "text/javascript", "cache-control": "max-age=60" });

    const accepting = { headers: { "accept-encoding": "gzip, br" } };
    const bodies = [await get("/a.js", accepting), await get("/a.js", accepting)];

    expect(bodies.map((body) => body.headers.get("content-encoding"))).toEqual(["br", "br"]);
    expect(await bodies[0]?.text()).toBe(text);
    expect(asked).toHaveLength(1);
  });

  test("private paths open by signed cookies only, which never reach the origin", async () => {
    await deployDistribution();
    answer = say("segment", { "cache-control": "max-age=60" });
    const cookie = cookiesFor("1");

    const without = await get("/videos/1/a.m4s");
    const allowed = await get("/videos/1/a.m4s", { headers: { cookie } });
    const other = await get("/videos/2/a.m4s", { headers: { cookie } });
    clock.advance(61_000);
    const expired = await get("/videos/1/a.m4s", { headers: { cookie } });

    expect([without.status, allowed.status, other.status, expired.status]).toEqual([
      403, 200, 403, 403,
    ]);
    expect(await without.text()).toContain("<Code>MissingKey</Code>");
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers.cookie).toBeUndefined();
  });

  test("cookies of one video do not open another by way of the query string", async () => {
    await deployDistribution();
    answer = say("segment", { "cache-control": "max-age=60" });
    const headers = { cookie: cookiesFor("1") };
    // Somebody who may see it has put it into the cache.
    await get("/videos/2/a.m4s", { headers: { cookie: cookiesFor("2") } });

    const answers = await Promise.all([
      get("/videos/2/a.m4s?x=/videos/1/", { headers }),
      get("/videos/2/a.m4s?/videos/1/", { headers }),
      get("/videos/2/a.m4s?Policy=/videos/1/", { headers }),
      get("/videos/2/a.m4s?x=/videos/1/", { headers, method: "HEAD" }),
      get("/videos/2/a.m4s?x=/videos/1/", { headers: { ...headers, range: "bytes=0-1" } }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(answers[0]?.headers.get("x-cache")).toBe("FunctionGeneratedResponse from cloudfront");
    expect((await get("/videos/1/a.m4s", { headers })).status).toBe(200);
  });

  test("cookies of one video do not open another by way of the Host header or a path with dots", async () => {
    await deployDistribution();
    answer = say("segment", { "cache-control": "max-age=60" });
    const cookie = cookiesFor("1");

    const statuses = [
      await statusOf("/videos/2/a.m4s", { cookie, host: "a/videos/1/" }),
      await statusOf("/videos/2/a.m4s#/videos/1/", { cookie }),
      await statusOf("http://a/videos/1/b", { cookie }),
      await statusOf("/videos/1/../2/a.m4s", { cookie }),
      await statusOf("/videos/1/%2e%2e/2/a.m4s", { cookie }),
    ];

    expect(statuses).toEqual([421, 400, 400, 403, 403]);
    expect(asked).toEqual([]);
  });

  test("a distribution that names what does not exist is refused with its name", async () => {
    const provider = edge.resourceProviders.find(({ type }) => type.endsWith("::Distribution"));
    const properties = provider?.schema.parse({
      DistributionConfig: {
        Enabled: true,
        Origins: [{ Id: "a", DomainName: "a.example" }],
        DefaultCacheBehavior: {
          TargetOriginId: "a",
          ViewerProtocolPolicy: "allow-all",
          CachePolicyId: "nobody",
        },
      },
    });

    await expect(provider?.put(properties, context("D"))).rejects.toThrow("cache policy nobody");
  });
});

test("a port in use is named in one sentence", async () => {
  const port = Number(new URL(edge.url).port);

  await expect(openEdge({ port })).rejects.toThrow(`Port ${port} is in use`);
});
