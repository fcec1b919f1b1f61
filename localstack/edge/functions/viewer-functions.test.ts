import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ManualClock, type ResourceContext } from "@sluice/cloud";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Edge, openEdge } from "../open-edge.ts";

let origin: Server;
let edge: Edge;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage[];

const context = (logicalId: string) =>
  ({ stackName: "Test", logicalId, accountId: "0", region: "us-east-1" }) as ResourceContext;

async function put(type: string, logicalId: string, properties: unknown) {
  const provider = edge.resourceProviders.find((each) => each.type === `AWS::CloudFront::${type}`);
  if (!provider) throw new Error(`No provider of ${type}`);
  return provider.put(provider.schema.parse(properties), context(logicalId));
}

const functionOf = (code: string, more: object = {}) => ({
  Name: "tested",
  AutoPublish: true,
  FunctionCode: code,
  FunctionConfig: { Comment: "", Runtime: "cloudfront-js-2.0" },
  ...more,
});
const everything = { HeaderBehavior: "whitelist", Headers: ["x-test"] };

/** One behavior that caches, forwards what the tests look at, and runs this code at these events. */
async function deploy(functions: { readonly [eventType: string]: string }) {
  const associations = [];
  for (const [eventType, code] of Object.entries(functions)) {
    const { physicalId } = await put("Function", eventType, {
      ...functionOf(code),
      Name: eventType,
    });
    associations.push({ EventType: eventType, FunctionARN: physicalId });
  }
  const policy = await put("CachePolicy", "Policy", {
    CachePolicyConfig: {
      Name: "p",
      MinTTL: 0,
      DefaultTTL: 60,
      MaxTTL: 3600,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingGzip: false,
        HeadersConfig: everything,
        CookiesConfig: { CookieBehavior: "all" },
        QueryStringsConfig: { QueryStringBehavior: "all" },
      },
    },
  });
  const headers = await put("ResponseHeadersPolicy", "Headers", {
    ResponseHeadersPolicyConfig: {
      Name: "h",
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
    },
  });
  await put("Distribution", "Distribution", {
    DistributionConfig: {
      Enabled: true,
      DefaultRootObject: "index.html",
      Origins: [
        {
          Id: "o",
          DomainName: "o.amazonaws.com",
          CustomOriginConfig: { OriginProtocolPolicy: "http-only" },
        },
      ],
      DefaultCacheBehavior: {
        TargetOriginId: "o",
        ViewerProtocolPolicy: "allow-all",
        CachePolicyId: policy.physicalId,
        ResponseHeadersPolicyId: headers.physicalId,
        FunctionAssociations: associations,
      },
    },
  });
}

beforeEach(async () => {
  asked = [];
  answer = (_request, response) => {
    response.writeHead(200, { "content-length": 10, "cache-control": "max-age=60", etag: '"1"' });
    response.end("0123456789");
  };
  origin = createServer((incoming, response) => {
    asked.push(incoming);
    answer(incoming, response);
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  edge = await openEdge({ port: 0, clock: new ManualClock() });
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
const xCache = (response: Response) => response.headers.get("x-cache");

describe("at viewer-request", () => {
  test("a function sees the request as the viewer sent it", async () => {
    await deploy({
      "viewer-request": `function handler(event) {
        return { statusCode: 200, body: JSON.stringify(event) };
      }`,
    });

    const response = await get("/?a=1&b&a=2&Policy=p%2F&__proto__=x", {
      headers: {
        cookie: "c=1; CloudFront-Policy=s; c=2",
        "x-forwarded-proto": "https",
        "x-test": "t",
      },
    });
    const event = JSON.parse(await response.text());

    expect(event).toMatchObject({
      version: "1.0",
      context: {
        distributionDomainName: new URL(edge.url).host,
        distributionId: expect.stringMatching(/^E/),
        eventType: "viewer-request",
        requestId: expect.any(String),
      },
      viewer: { ip: "127.0.0.1" },
      request: {
        method: "GET",
        uri: "/",
        headers: { host: { value: new URL(edge.url).host }, "x-test": { value: "t" } },
        cookies: {
          c: { value: "1", multiValue: [{ value: "1" }, { value: "2" }] },
          "CloudFront-Policy": { value: "s" },
        },
      },
    });
    expect(Object.entries(event.request.querystring)).toEqual([
      ["a", { value: "1", multiValue: [{ value: "1" }, { value: "2" }] }],
      ["b", { value: "" }],
      ["Policy", { value: "p%2F" }],
      ["__proto__", { value: "x" }],
    ]);
    expect(event.request.headers).not.toHaveProperty("connection");
    expect(event.request.headers).not.toHaveProperty("cookie");
    expect(event.request.headers).not.toHaveProperty("x-forwarded-proto");
  });

  test("a response of a function goes to the viewer, with the behavior's headers, and to no cache", async () => {
    await deploy({
      "viewer-request": `function handler(event) {
        return {
          statusCode: 401,
          statusDescription: "Who Are You",
          headers: { "x-a": { value: "1", multiValue: [{ value: "1" }, { value: "2" }] } },
          cookies: { s: { value: "v", attributes: "Secure; Path=/" } },
          body: { encoding: "base64", data: "aGVsbG8=" },
        };
      }`,
    });

    const [first, second] = [await get("/a"), await get("/a", { method: "HEAD" })];

    expect([first.status, first.statusText, await first.text()]).toEqual([
      401,
      "Who Are You",
      "hello",
    ]);
    expect(xCache(first)).toBe("FunctionGeneratedResponse from cloudfront");
    expect(first.headers.get("x-a")).toBe("1, 2");
    expect(first.headers.getSetCookie()).toEqual(["s=v; Secure; Path=/"]);
    expect(first.headers.get("x-content-type-options")).toBe("nosniff");
    expect([second.status, await second.text(), second.headers.get("content-length")]).toEqual([
      401,
      "",
      "5",
    ]);
    expect(asked).toEqual([]);
  });

  test("a changed request is what the cache and the origin see", async () => {
    await deploy({
      "viewer-request": `async function handler({ request }) {
        request.uri = "/b" + request.uri;
        request.querystring.added = { value: "1" };
        delete request.querystring.x;
        request.headers["x-test"] = { value: "changed" };
        request.cookies = { mine: { value: "1" } };
        return request;
      }`,
    });

    const first = await get("/a?x=1&y=2", { headers: { cookie: "yours=1" } });
    const second = await get("/a?x=2&y=2", { headers: { cookie: "yours=2" } });

    expect([xCache(first), xCache(second)]).toEqual([
      "Miss from cloudfront",
      "Hit from cloudfront",
    ]);
    expect(asked.map(({ url }) => url)).toEqual(["/b/a?y=2&added=1"]);
    expect(asked[0]?.headers).toMatchObject({ "x-test": "changed", cookie: "mine=1" });
  });

  test("an unchanged request goes on byte by byte, and hits, ranges and HEAD work as ever", async () => {
    await deploy({ "viewer-request": "function handler(event) { return event.request; }" });

    const whole = await get("/?a&&b=%7e&__proto__=1");
    const part = await get("/?a&&b=%7e&__proto__=1", { headers: { range: "bytes=2-4" } });
    const head = await get("/?a&&b=%7e&__proto__=1", { method: "HEAD" });

    expect(asked.map(({ url }) => url)).toEqual(["/index.html?a&&b=%7e&__proto__=1"]);
    expect([await whole.text(), await part.text(), await head.text()]).toEqual([
      "0123456789",
      "234",
      "",
    ]);
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 2-4/10"]);
    expect([xCache(part), xCache(head)]).toEqual(["Hit from cloudfront", "Hit from cloudfront"]);
  });

  test.each([
    ["changes the host", 'request.headers.host = { value: "else" };'],
    ["takes the host away", "delete request.headers.host;"],
    ["adds Via", 'request.headers.via = { value: "1.1 me" };'],
    ["adds Connection", 'request.headers.connection = { value: "close" };'],
    ["adds a header in capitals", 'request.headers["X-A"] = { value: "1" };'],
    ["breaks a header in two", 'request.headers.a = { value: "1\\r\\nb: 2" };'],
    ["changes the method", 'request.method = "POST";'],
    ["leaves the root", 'request.uri = "a";'],
    ["makes a query with spaces", 'request.querystring.a = { value: "1 2" };'],
    ["makes the address too long", 'request.uri = "/" + "a".repeat(9000);'],
    ["adds a field", "request.body = 1;"],
  ])("a function that %s is not followed: 502", async (_what, change) => {
    await deploy({
      "viewer-request": `function handler({ request }) { ${change} return request; }`,
    });

    const response = await get("/a");

    expect([response.status, asked]).toEqual([502, []]);
  });

  test.each([
    ["nothing", "undefined"],
    ["a status in words", '{ statusCode: "200" }'],
    ["a body that is not base64", '{ statusCode: 200, body: { encoding: "base64", data: "?" } }'],
    ["a cookie of two lines", '{ statusCode: 200, cookies: { a: { value: "\\n" } } }'],
    ["a header of the edge's own", '{ statusCode: 200, headers: { "x-cache": { value: "Hit" } } }'],
  ])("an answer that is %s is not given: 502", async (_what, said) => {
    await deploy({ "viewer-request": `function handler() { return ${said}; }` });

    expect((await get("/a")).status).toBe(502);
  });

  test("a function that throws costs its viewer the answer: 503, without what it said", async () => {
    await deploy({ "viewer-request": 'function handler() { throw new Error("secret"); }' });

    const response = await get("/a");

    expect([response.status, xCache(response)]).toEqual([
      503,
      "FunctionExecutionError from cloudfront",
    ]);
    expect(await response.text()).not.toContain("secret");
    expect(asked).toEqual([]);
  });
});

describe("at viewer-response", () => {
  const stamp = `function handler(event) {
    var response = event.response;
    response.headers["x-seen"] = { value: event.request.uri + response.statusCode };
    response.cookies.n = { value: "1" };
    return response;
  }`;

  test("a function changes headers and cookies of misses, hits and ranges alike", async () => {
    await deploy({ "viewer-response": stamp });

    const answers = [
      await get("/a"),
      await get("/a"),
      await get("/a", { headers: { range: "bytes=0-1" } }),
    ];

    expect(answers.map((each) => each.headers.get("x-seen"))).toEqual(["/a200", "/a200", "/a206"]);
    expect(answers.map(xCache)).toEqual([
      "Miss from cloudfront",
      ...Array(2).fill("Hit from cloudfront"),
    ]);
    expect(answers.map((each) => each.headers.getSetCookie())).toEqual(Array(3).fill(["n=1"]));
    expect(await Promise.all(answers.map((each) => each.text()))).toEqual([
      "0123456789",
      "0123456789",
      "01",
    ]);
    expect(asked).toHaveLength(1);
  });

  test("a function puts another answer in the place of one", async () => {
    await deploy({
      "viewer-response": `function handler({ response }) {
        response.statusCode = 202;
        response.body = "other";
        return response;
      }`,
    });

    const response = await get("/a");

    expect([response.status, await response.text()]).toEqual([202, "other"]);
    expect(response.headers.get("content-length")).toBe("5");
  });

  test("errors of the origin, and what a viewer-request function said, are not shown to it", async () => {
    await deploy({
      "viewer-request": `function handler(event) {
        return event.request.uri === "/mine" ? { statusCode: 200 } : event.request;
      }`,
      "viewer-response": stamp,
    });
    answer = (_request, response) => response.writeHead(404).end();

    const answers = [await get("/missing"), await get("/mine")];

    expect(answers.map(({ status }) => status)).toEqual([404, 200]);
    expect(answers.map((each) => each.headers.get("x-seen"))).toEqual([null, null]);
  });

  test("a function that throws, or changes Via, costs its viewer the answer", async () => {
    await deploy({
      "viewer-response": `function handler({ request, response }) {
        if (request.uri === "/a") throw new Error();
        response.headers.via = { value: "1.1 me" };
        return response;
      }`,
    });

    expect([(await get("/a")).status, (await get("/b")).status]).toEqual([503, 502]);
  });
});

describe("a template is refused", () => {
  test.each([
    [
      "a key value store that nobody made",
      functionOf("var a;", {
        FunctionConfig: {
          Comment: "",
          Runtime: "cloudfront-js-2.0",
          KeyValueStoreAssociations: [
            { KeyValueStoreARN: "arn:aws:cloudfront::0:key-value-store/1" },
          ],
        },
      }),
    ],
    [
      "another runtime",
      functionOf("var a;", { FunctionConfig: { Comment: "", Runtime: "nodejs24.x" } }),
    ],
    ["more than 10 KB", functionOf(`//${"a".repeat(10 * 1024)}`)],
    ["what is no JavaScript", functionOf("function (")],
    ["an import of names", functionOf('import { kvs } from "cloudfront";')],
  ])("whose function has %s", async (_what, properties) => {
    await expect(put("Function", "F", properties)).rejects.toThrow();
  });

  test("that associates an unknown event, two functions with one event, or what is not published", async () => {
    const draft = await put("Function", "F", functionOf("var a;", { AutoPublish: false }));
    const associate = (...eventTypes: string[]) =>
      put("Distribution", "D", {
        DistributionConfig: {
          Enabled: true,
          Origins: [{ Id: "o", DomainName: "o.example" }],
          DefaultCacheBehavior: {
            TargetOriginId: "o",
            ViewerProtocolPolicy: "allow-all",
            CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            FunctionAssociations: eventTypes.map((EventType) => ({
              EventType,
              FunctionARN: draft.physicalId,
            })),
          },
        },
      });

    await expect(associate("origin-request")).rejects.toThrow("EventType");
    await expect(associate("viewer-request", "viewer-request")).rejects.toThrow("one function");
    await expect(associate("viewer-request")).rejects.toThrow("published function");
  });
});
