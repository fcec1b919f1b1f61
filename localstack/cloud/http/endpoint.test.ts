import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AwsError } from "../aws-error.ts";
import { ManualClock } from "../clock.ts";
import type { AwsExchange, AwsService } from "../service.ts";
import { type Endpoint, type EndpointOptions, openEndpoint } from "./endpoint.ts";

/** The pair of AWS's own SigV4 examples, so that published signatures can be replayed. */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const region = "us-east-1";
const clock = new ManualClock(Date.UTC(2013, 4, 24));
const logged: string[] = [];
let endpoint: Endpoint;
let handle: (exchange: AwsExchange) => Promise<void>;

class Sha256 {
  readonly #hash;
  constructor(secret?: Uint8Array | string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash("sha256")
        : createHmac("sha256", Buffer.from(secret as Uint8Array));
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

beforeEach(async () => {
  logged.length = 0;
  handle = async (exchange) => {
    const body = await exchange.body(100_000);
    exchange.response.end(JSON.stringify({ identity: exchange.identity, bytes: body.length }));
  };
  endpoint = await open();
});
afterEach(() => endpoint.close());

function open(more: Partial<EndpointOptions> = {}): Promise<Endpoint> {
  const service = (signingName: string): AwsService => ({
    signingName,
    resourceProviders: [],
    handle: (exchange) => handle(exchange),
    start: async () => {},
    stop: async () => {},
  });
  return openEndpoint({
    host: "127.0.0.1",
    port: 0,
    services: ["s3", "sqs", "lambda", "execute-api"].map(service),
    credentials,
    clock,
    log: (level, message, fields) => logged.push(`${level} ${message} ${fields?.error}`),
    region,
    ...more,
  });
}

interface Sent {
  readonly service?: string;
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signingDate?: Date;
}

function signer(service: string): SignatureV4 {
  return new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
  });
}

function unsigned({ method = "POST", path = "/a", query = {}, headers = {}, body }: Sent) {
  const url = new URL(endpoint.url);
  return {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path,
    query,
    headers: { host: url.host, ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

async function send(message: Awaited<ReturnType<SignatureV4["sign"]>>, body = message.body) {
  const query = new URLSearchParams(message.query as Record<string, string>).toString();
  const { host: _, ...headers } = message.headers;
  const answer = await fetch(`${endpoint.url}${message.path}${query === "" ? "" : `?${query}`}`, {
    method: message.method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function signed(sent: Sent) {
  return signer(sent.service ?? "sqs").sign(unsigned(sent), {
    signingDate: sent.signingDate ?? new Date(clock.now()),
  });
}

async function presigned(sent: Sent, expiresIn = 900) {
  return signer("s3").presign(
    unsigned({ method: "GET", headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }, ...sent }),
    {
      signingDate: sent.signingDate ?? new Date(clock.now()),
      expiresIn,
    },
  );
}

describe("signatures", () => {
  test.each([
    ["sqs", "/"],
    [
      "lambda",
      "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations",
    ],
    ["s3", "/bucket/sp%20ace/%C3%BC%21%27%28%29%2A%2B/a//b"],
  ])("what the SDK's signer signs for %s is let in", async (service, path) => {
    const message = await signed({
      service,
      path,
      query: { a: "1 2", b: "ü+/*", A: "" },
      body: "hello",
    });
    const answer = await send(message);
    expect(answer.text).toBe(
      JSON.stringify({
        identity: { kind: "signed", accessKeyId: credentials.accessKeyId },
        bytes: 5,
      }),
    );
  });

  test("a body hash that is only signed, not sent, is checked too", async () => {
    const message = await signed({ body: "hello" });
    const { "x-amz-content-sha256": _, ...headers } = message.headers;
    const names = Object.keys(headers).filter((name) => name !== "authorization");
    const again = await signer("sqs").sign(
      { ...message, headers: Object.fromEntries(names.map((name) => [name, headers[name] ?? ""])) },
      { signingDate: new Date(clock.now()), unsignableHeaders: new Set(["x-amz-content-sha256"]) },
    );
    const { "x-amz-content-sha256": __, ...sentHeaders } = again.headers;
    expect((await send({ ...again, headers: sentHeaders })).status).toBe(200);
    expect((await send({ ...again, headers: sentHeaders }, "hellO")).text).toContain(
      "InvalidSignatureException",
    );
  });

  test("a changed body, path, query or header is refused in the form of the service", async () => {
    const message = await signed({ service: "s3", body: "hello", query: { a: "1" } });
    expect((await send(message, "hellO")).text).toContain("<Code>XAmzContentSHA256Mismatch</Code>");
    for (const changed of [
      { ...message, path: "/b" },
      { ...message, query: { a: "2" } },
      { ...message, headers: { ...message.headers, "x-amz-date": "20130524T000001Z" } },
    ]) {
      const answer = await send(changed);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain("<Code>SignatureDoesNotMatch</Code>");
      expect(answer.headers.get("x-amz-request-id")).toBeTruthy();
      expect(answer.text).not.toContain(credentials.secretAccessKey);
    }
    const json = await signed({ service: "sqs", body: "hello" });
    const answer = await send({ ...json, path: "/b" });
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([
      403,
      "InvalidSignatureException",
    ]);
    expect(JSON.parse(answer.text)).toMatchObject({ __type: "InvalidSignatureException" });
  });

  test("an unknown key, a wrong region and a header that is not signed are named", async () => {
    const message = await signed({ service: "s3" });
    const authorization = message.headers.authorization ?? "";
    const withAuthorization = (value: string) => ({
      ...message,
      headers: { ...message.headers, authorization: value },
    });
    const unknown = await send(withAuthorization(authorization.replace("AKIAIOS", "AKIAXXX")));
    expect([unknown.status, unknown.text]).toEqual([
      403,
      expect.stringContaining("InvalidAccessKeyId"),
    ]);
    const elsewhere = await send(withAuthorization(authorization.replace(region, "eu-west-1")));
    expect(elsewhere.text).toContain("AuthorizationHeaderMalformed");
    expect(elsewhere.text).toContain(`<Region>${region}</Region>`);
    const extra = await send({ ...message, headers: { ...message.headers, "x-amz-meta-a": "1" } });
    expect(extra.text).toContain("HeadersNotSigned");
  });

  test("fifteen minutes of skew are let in, a second more is not", async () => {
    for (const [offset, code] of [
      [900_000, undefined],
      [-900_000, undefined],
      [901_000, "RequestTimeTooSkewed"],
      [-901_000, "RequestTimeTooSkewed"],
    ] as const) {
      const message = await signed({ service: "s3", signingDate: new Date(clock.now() + offset) });
      const answer = await send(message);
      expect([offset, answer.status]).toEqual([offset, code ? 403 : 200]);
      if (code) expect(answer.text).toContain(code);
    }
  });

  test("a presigned link holds until its last second", async () => {
    const at = (ms: number) => presigned({ signingDate: new Date(clock.now() - ms) }, 900);
    expect((await send(await at(899_000))).status).toBe(200);
    const expired = await send(await at(900_000));
    expect([expired.status, expired.text]).toEqual([
      403,
      expect.stringContaining("Request has expired"),
    ]);
    expect((await send(await at(-901_000))).text).toContain("not yet valid");
  });

  test("a presigned link of no time or of more than a week is refused", async () => {
    const message = await presigned({});
    for (const expires of ["0", "604801", "x", "-1"]) {
      const answer = await send({
        ...message,
        query: { ...message.query, "X-Amz-Expires": expires },
      });
      expect(answer.text).toContain("AuthorizationQueryParametersError");
    }
    expect((await send(await presigned({}, 604_800))).status).toBe(200);
  });

  test.each([
    ["a link", "?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1&Signature=x", {}],
    ["a header", "", { authorization: "AWS AKIAIOSFODNN7EXAMPLE:x" }],
  ])(
    "%s signed by Version 2 is refused as on AWS, which names the version it takes",
    async (_name, query, headers) => {
      const answer = await fetch(`${endpoint.url}/media/k${query}`, { headers });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([
        400,
        expect.stringContaining("not supported. Please use AWS4-HMAC-SHA256."),
      ]);
    },
  );

  test("API Gateway's callers need no AWS signature, whatever they carry", async () => {
    const answer = await fetch(`${endpoint.url}/restapis/a/api/_user_request_/x`, {
      headers: { authorization: "Bearer token" },
    });
    expect(await answer.json()).toEqual({ identity: { kind: "anonymous" }, bytes: 0 });
  });
});

describe("aws-chunked bodies", () => {
  /** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, "Example: PUT Object" */
  const chunks = [
    ["10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", 65_536],
    ["400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", 1024],
    ["0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", 0],
  ] as const;
  const framed = chunks
    .map(
      ([size, signature, bytes]) =>
        `${size};chunk-signature=${signature}\r\n${"a".repeat(bytes)}\r\n`,
    )
    .join("");

  async function put(body: string): Promise<{ status: number | undefined; text: string }> {
    const { hostname, port } = new URL(endpoint.url);
    const request = httpRequest({
      hostname,
      port,
      method: "PUT",
      path: "/examplebucket/chunkObject.txt",
      headers: {
        host: "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        authorization:
          "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "content-length": "66824",
      },
    });
    request.end(body);
    const [response] = await once(request, "response");
    return { status: response.statusCode, text: (await response.toArray()).join("") };
  }

  test("AWS's published example is let in and loses its framing", async () => {
    expect(framed.length).toBe(66_824);
    expect((await put(framed)).text).toContain('"bytes":66560');
  });

  test("one changed byte in one chunk is refused", async () => {
    const index = framed.indexOf("aaaa") + 70_000 - 65_536;
    const answer = await put(`${framed.slice(0, index)}b${framed.slice(index + 1)}`);
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining("SignatureDoesNotMatch"),
    ]);
  });

  test("a chunk longer than what was declared is refused", async () => {
    const answer = await put(framed.replace("10000;", "fffff;"));
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("IncompleteBody")]);
  });
});

describe("abuse", () => {
  test("a crash in a service is a 500 and a line in the log, and the next request is served", async () => {
    const works = handle;
    handle = async () => {
      throw new Error("boom");
    };
    const xml = await send(await signed({ service: "s3" }));
    const json = await send(await signed({ service: "sqs" }));
    expect([xml.status, xml.text]).toEqual([
      500,
      expect.stringContaining("<Code>InternalError</Code>"),
    ]);
    expect([json.status, json.headers.get("x-amzn-errortype")]).toEqual([500, "InternalFailure"]);
    expect(json.text).not.toContain("boom");
    expect(logged.join()).toContain("boom");
    handle = works;
    expect((await send(await signed({}))).status).toBe(200);
  });

  test("a crash after the answer began cuts the connection", async () => {
    handle = async (exchange) => {
      exchange.response.writeHead(200, { "content-length": "10" });
      exchange.response.write("12345");
      throw new Error("boom");
    };
    await expect(signed({}).then((message) => send(message))).rejects.toThrow();
  });

  test("a body over the limit of its service is refused unread", async () => {
    const answer = await send(await signed({ body: "x".repeat(100_001) }));
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([
      413,
      "RequestEntityTooLargeException",
    ]);
  });

  test("a service that is not there is named", async () => {
    const answer = await send(await signed({ service: "dynamodb" }));
    expect([answer.status, answer.text]).toEqual([501, expect.stringContaining("'dynamodb'")]);
  });

  test("an AwsError keeps its code, status and members", async () => {
    handle = async () => {
      throw new AwsError("NoSuchKey", "a < b", 404, { Key: "a&b" });
    };
    const answer = await send(await signed({ service: "s3" }));
    expect(answer.status).toBe(404);
    expect(answer.text).toContain("<Message>a &#x3C; b</Message><Key>a&#x26;b</Key>");
  });

  test.each([
    "nonsense\r\n\r\n",
    "GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  ])("%j is answered 400", async (text) => {
    const { hostname, port } = new URL(endpoint.url);
    const socket = connect(Number(port), hostname);
    socket.write(text);
    expect((await socket.toArray()).join("")).toMatch(/^HTTP\/1.1 400/);
  });

  test("a body that stalls is cut off, and its reader told", async () => {
    await endpoint.close();
    const outcome = Promise.withResolvers<unknown>();
    handle = (exchange) => exchange.body(100).then(outcome.resolve, outcome.reject);
    endpoint = await open({ bodyIdleMs: 50 });
    const { hostname, port } = new URL(endpoint.url);
    const socket = connect(Number(port), hostname);
    socket.write("PUT /restapis/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    await expect(outcome.promise).rejects.toMatchObject({ code: "RequestTimeout" });
    socket.resume();
    await once(socket, "close");
  });

  test("a body cut short is told to its reader", async () => {
    const outcome = Promise.withResolvers<unknown>();
    handle = (exchange) => exchange.body(100).then(outcome.resolve, outcome.reject);
    const { hostname, port } = new URL(endpoint.url);
    const socket = connect(Number(port), hostname);
    socket.end("PUT /restapis/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    await expect(outcome.promise).rejects.toMatchObject({ code: "IncompleteBody" });
  });

  test("a client that asks first is told to go on only when its signature holds", async () => {
    const ask = async (path: string) => {
      const { hostname, port } = new URL(endpoint.url);
      const request = httpRequest({
        hostname,
        port,
        path,
        method: "PUT",
        headers: { expect: "100-continue", "content-length": "5" },
      });
      let continued = false;
      request.on("continue", () => {
        continued = true;
        request.end("hello");
      });
      request.flushHeaders();
      const [response] = await once(request, "response");
      request.destroy();
      return [response.statusCode, continued];
    };
    const { path, query } = await presigned({ method: "PUT" });
    const search = new URLSearchParams(query as Record<string, string>);
    expect(await ask(`${path}?${search}`)).toEqual([200, true]);
    expect(await ask(`/other?${search}`)).toEqual([403, false]);
  });

  test("a Host header that is none does no harm", async () => {
    const { hostname, port } = new URL(endpoint.url);
    for (const host of ["a:99999", "a/../b", "@", "[", "%"]) {
      const socket = connect(Number(port), hostname);
      socket.end(`GET /restapis/a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect((await socket.toArray()).join("")).toMatch(/^HTTP\/1.1 200/);
    }
  });

  test("a port in use is one sentence", async () => {
    const port = Number(new URL(endpoint.url).port);
    const options = {
      host: "127.0.0.1",
      port,
      services: [],
      credentials,
      clock,
      log: () => {},
      region,
    };
    await expect(openEndpoint(options)).rejects.toMatchObject({
      name: "StartError",
      code: "port-in-use",
      message: expect.stringContaining(`Port ${port}`),
    });
  });

  test("health needs no signature", async () => {
    const answer = await fetch(`${endpoint.url}/_health`);
    expect(await answer.json()).toEqual({
      status: "ok",
      services: ["s3", "sqs", "lambda", "execute-api"],
    });
  });
});
