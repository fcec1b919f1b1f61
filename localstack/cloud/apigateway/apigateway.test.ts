import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AwsError } from "../aws-error.ts";
import { functionUri, startGateway, type TestGateway } from "./testing.ts";

const echo = { statusCode: 200, body: "{}" };

describe("API Gateway", () => {
  let gateway: TestGateway;
  let root: string;

  beforeEach(async () => {
    gateway = await startGateway({ BinaryMediaTypes: ["image/*"] });
    root = (await gateway.put("Api", "RestApi", { Name: "test", BinaryMediaTypes: ["image/*"] }))
      .attributes.RootResourceId as string;
    await stage();
    gateway.functions.handlers.set("main", () => echo);
  });
  afterEach(() => gateway[Symbol.asyncDispose]());

  const stage = (more: Readonly<Record<string, unknown>> = {}) =>
    gateway.put("Stage", "Stage", {
      RestApiId: gateway.apiId,
      StageName: "api",
      Variables: { color: "blue" },
      ...more,
    });
  const resource = async (parent: string, part: string) =>
    (
      await gateway.put(`Resource${parent}${part}`, "Resource", {
        RestApiId: gateway.apiId,
        ParentId: parent,
        PathPart: part,
      })
    ).physicalId;
  const method = (
    resourceId: string,
    httpMethod: string,
    more: Readonly<Record<string, unknown>> = {},
  ) =>
    gateway.put(`Method${resourceId}${httpMethod}`, "Method", {
      RestApiId: gateway.apiId,
      ResourceId: resourceId,
      HttpMethod: httpMethod,
      Integration: { Type: "AWS_PROXY", IntegrationHttpMethod: "POST", Uri: functionUri("main") },
      ...more,
    });
  const open = async (part: string, httpMethod = "ANY", more = {}) => {
    const id = await resource(root, part);
    await method(id, httpMethod, more);
    return id;
  };
  const lastEvent = () => gateway.functions.events.at(-1)?.event ?? {};

  describe("the event", () => {
    it("is that of a REST API's proxy integration", async () => {
      // Prepare
      const videos = await resource(root, "videos");
      const video = await resource(videos, "{videoId}");
      await method(video, "POST");

      // Act
      await gateway.send("/api/videos/a%20b?tag=x&tag=y%2Bz&empty=", {
        method: "POST",
        headers: {
          "X-Many": ["1", "2"],
          "Content-Type": "application/json",
          "User-Agent": "test/1",
          Connection: "close, X-Private",
          "X-Private": "for the next hop only",
          "X-Forwarded-For": "203.0.113.9",
        },
        body: '{"ü":1}',
      });

      // Assess
      expect(lastEvent()).toMatchObject({
        resource: "/videos/{videoId}",
        path: "/videos/a%20b",
        httpMethod: "POST",
        headers: {
          "X-Many": "2",
          "User-Agent": "test/1",
          "X-Forwarded-For": "203.0.113.9, 127.0.0.1",
        },
        multiValueHeaders: { "X-Many": ["1", "2"], "Content-Type": ["application/json"] },
        queryStringParameters: { tag: "y+z", empty: "" },
        multiValueQueryStringParameters: { tag: ["x", "y+z"], empty: [""] },
        pathParameters: { videoId: "a b" },
        stageVariables: { color: "blue" },
        body: '{"ü":1}',
        isBase64Encoded: false,
        requestContext: {
          apiId: gateway.apiId,
          accountId: "000000000000",
          resourceId: video,
          resourcePath: "/videos/{videoId}",
          path: "/api/videos/a%20b",
          stage: "api",
          httpMethod: "POST",
          protocol: "HTTP/1.1",
          requestTime: "23/Nov/2026:18:00:00 +0000",
          requestTimeEpoch: Date.UTC(2026, 10, 23, 18),
          domainName: `${gateway.apiId}.execute-api.us-east-1.amazonaws.com`,
          domainPrefix: gateway.apiId,
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          extendedRequestId: expect.any(String),
          identity: { sourceIp: "127.0.0.1", userAgent: "test/1" },
        },
      });
      const names = Object.keys(lastEvent().headers as object);
      expect(names).not.toContain("Connection");
      expect(names).not.toContain("X-Private");
    });

    it("says null where there is nothing", async () => {
      await open("plain");
      await gateway.send("/api/plain");
      expect(lastEvent()).toMatchObject({
        queryStringParameters: null,
        multiValueQueryStringParameters: null,
        pathParameters: null,
        body: null,
        isBase64Encoded: false,
      });
      expect(lastEvent().requestContext).not.toHaveProperty("authorizer");
    });

    it("carries a body of a binary media type in base64", async () => {
      await open("upload");
      const body = Buffer.from([0xff, 0x00, 0xd8]);
      await gateway.send("/api/upload", {
        method: "POST",
        headers: { "Content-Type": "image/jpeg; q=1" },
        body,
      });
      expect(lastEvent()).toMatchObject({ body: body.toString("base64"), isBase64Encoded: true });
    });

    it("is the same at the address by path", async () => {
      await open("plain");
      const { status } = await gateway.send(
        `/restapis/${gateway.apiId}/api/_user_request_/plain?a=1`,
        { host: "127.0.0.1" },
      );
      expect(status).toBe(200);
      expect(lastEvent()).toMatchObject({
        path: "/plain",
        queryStringParameters: { a: "1" },
        requestContext: { path: "/api/plain", stage: "api" },
      });
    });
  });

  describe("the answer", () => {
    beforeEach(() => open("answer"));
    const answers = (answer: unknown) => gateway.functions.handlers.set("main", () => answer);
    const send = (headers: Record<string, string> = {}, httpMethod = "GET") =>
      gateway.send("/api/answer", { method: httpMethod, headers });

    it("carries status, body, single and repeated headers: three cookies arrive as three", async () => {
      answers({
        statusCode: 201,
        headers: { "X-One": 1, "set-cookie": "lost=1" },
        multiValueHeaders: { "Set-Cookie": ["a=1", "b=2", "c=3"], "X-Two": ["x", "y"] },
        body: "made",
      });
      const response = await send();
      expect(response).toMatchObject({ status: 201, text: "made" });
      expect(response.headers).toMatchObject({
        "x-one": "1",
        "x-two": "x, y",
        "set-cookie": ["a=1", "b=2", "c=3"],
        "content-type": "application/json",
        "x-amzn-requestid": expect.any(String),
        "x-amz-apigw-id": expect.any(String),
        "x-amzn-trace-id": expect.stringMatching(/^Root=1-/),
      });
    });

    it("decodes base64 for callers that accept a binary type first", async () => {
      const body = Buffer.from([1, 2, 255]).toString("base64");
      answers({
        statusCode: 200,
        headers: { "Content-Type": "image/png" },
        body,
        isBase64Encoded: true,
      });
      expect((await send({ Accept: "image/png, */*" })).bytes).toEqual(Buffer.from([1, 2, 255]));
      expect((await send({ Accept: "text/html" })).text).toBe(body);
    });

    it("keeps headers of the connection from the function", async () => {
      answers({
        statusCode: 200,
        headers: {
          "Transfer-Encoding": "chunked",
          "Content-Length": "999",
          Date: "x",
          "A: b\r\nC": "1",
        },
        body: "ok",
      });
      const { headers, text } = await send();
      expect(text).toBe("ok");
      expect(headers).toMatchObject({ "content-length": "2", "x-amzn-remapped-date": "x" });
      expect(headers).not.toHaveProperty("transfer-encoding");
      expect(headers).not.toHaveProperty("c");
    });

    it("to HEAD has headers alone", async () => {
      answers({ statusCode: 200, body: "four" });
      const response = await send({}, "HEAD");
      expect(response).toMatchObject({ status: 200, text: "" });
      expect(response.headers["content-length"]).toBe("4");
    });

    it.each([
      ["no object", "text"],
      ["null", null],
      ["a body that is no string", { statusCode: 200, body: { a: 1 } }],
      ["no status", { body: "x" }],
      ["an unknown member", { statusCode: 200, body: "", message: "x" }],
    ])("that is none (%s) becomes 502", async (_, answer) => {
      answers(answer);
      expect(await send()).toMatchObject({
        status: 502,
        text: '{"message": "Internal server error"}'.replace(" ", ""),
      });
    });

    it("of a function that throws becomes 502 without its message", async () => {
      gateway.functions.handlers.set("main", () => {
        throw new Error("secret detail");
      });
      const response = await send();
      expect(response.status).toBe(502);
      expect(response.text).not.toContain("secret");
    });

    it("of a function that cannot be invoked becomes 500", async () => {
      gateway.functions.handlers.set("main", () => {
        throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
      });
      expect(await send()).toMatchObject({ status: 500 });
    });

    it("after 29 seconds becomes 504", async () => {
      // Prepare
      const { promise, resolve } = Promise.withResolvers<unknown>();
      gateway.functions.handlers.set("main", () => promise);
      const response = send();
      await vi.waitFor(() => expect(gateway.functions.events).toHaveLength(1));

      // Act
      gateway.clock.advance(29_000);

      // Assess
      expect(await response).toMatchObject({
        status: 504,
        text: '{"message":"Endpoint request timed out"}',
      });
      resolve(echo);
    });

    it("to a body over 10 MB is 413, and the function is not asked", async () => {
      const response = await gateway.send("/api/answer", {
        method: "POST",
        body: Buffer.alloc(10 * 1024 * 1024 + 1),
      });
      expect(response).toMatchObject({ status: 413, text: '{"message":"Request Too Long"}' });
      expect(gateway.functions.events).toHaveLength(0);
    });
  });

  describe("paths", () => {
    it.each([
      ["a path that is not there", "/api/nowhere", {}, "Missing Authentication Token"],
      [
        "a method that is not there",
        "/api/only-get",
        { method: "DELETE" },
        "Missing Authentication Token",
      ],
      ["a stage that is not there", "/other/only-get", {}, "Forbidden"],
      [
        "an API that is not there",
        "/api/only-get",
        { host: "nobody.execute-api.us-east-1.amazonaws.com" },
        "Forbidden",
      ],
    ])("%s is 403", async (_, path, sending, message) => {
      await open("only-get", "GET");
      expect(await gateway.send(path, sending)).toMatchObject({
        status: 403,
        text: JSON.stringify({ message }),
      });
    });

    it("with broken escapes are 400", async () => {
      await open("{name}");
      expect(await gateway.send("/api/%zz")).toMatchObject({ status: 400 });
    });
  });

  describe("a TOKEN authorizer", () => {
    const token = "Bearer abc.def";
    const allow = (resource = "*", context = {}) => ({
      principalId: "user-1",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: resource }],
      },
      context,
    });
    let asked: string[];

    beforeEach(async () => {
      asked = [];
      gateway.functions.handlers.set("auth", (event) => {
        asked.push(String(event.authorizationToken));
        return allow("*", { plan: "pro", level: 3, active: true });
      });
      await authorizer();
    });
    const authorizer = async (more: Readonly<Record<string, unknown>> = {}) => {
      const { physicalId } = await gateway.put("Authorizer", "Authorizer", {
        RestApiId: gateway.apiId,
        Name: "tokens",
        Type: "TOKEN",
        AuthorizerUri: functionUri("auth"),
        ...("Type" in more ? {} : { IdentityValidationExpression: "^Bearer [\\w.]+$" }),
        ...more,
      });
      for (const part of ["a", "b"])
        await open(part, "GET", { AuthorizationType: "CUSTOM", AuthorizerId: physicalId });
    };
    const send = (authorization?: string, part = "a") =>
      gateway.send(`/api/${part}`, {
        headers: authorization === undefined ? {} : { Authorization: authorization },
      });

    it("is given token and method, and its words go on to the function as strings", async () => {
      expect((await send(token)).status).toBe(200);
      expect(gateway.functions.events[0]).toEqual({
        name: "auth",
        event: {
          type: "TOKEN",
          authorizationToken: token,
          methodArn: `arn:aws:execute-api:us-east-1:000000000000:${gateway.apiId}/api/GET/a`,
        },
      });
      expect(lastEvent().requestContext).toMatchObject({
        authorizer: { principalId: "user-1", plan: "pro", level: "3", active: "true" },
      });
    });

    it("is not asked about a token that is missing or not of the form", async () => {
      for (const wrong of [undefined, "", "Basic x"])
        expect(await send(wrong)).toMatchObject({
          status: 401,
          text: '{"message":"Unauthorized"}',
        });
      expect(asked).toEqual([]);
    });

    it("is asked once per token until the time is over", async () => {
      await send(token);
      gateway.clock.advance(299_000);
      await send(token);
      await send("Bearer other");
      expect(asked).toEqual([token, "Bearer other"]);
      gateway.clock.advance(2_000);
      await send(token);
      expect(asked).toHaveLength(3);
    });

    it("is asked each time when its answers may not be kept", async () => {
      await authorizer({ AuthorizerResultTtlInSeconds: 0 });
      await send(token);
      await send(token);
      expect(asked).toHaveLength(2);
    });

    it("has its cached policy judged for each method", async () => {
      gateway.functions.handlers.set("auth", (event) => allow(String(event.methodArn)));
      expect((await send(token, "a")).status).toBe(200);
      expect(await send(token, "b")).toMatchObject({
        status: 403,
        text: '{"message":"User is not authorized to access this resource"}',
      });
    });

    it.each<[string, () => unknown, number]>([
      [
        "denies",
        () => {
          const [statement] = allow().policyDocument.Statement;
          return { ...allow(), policyDocument: { Statement: [{ ...statement, Effect: "Deny" }] } };
        },
        403,
      ],
      [
        "throws Unauthorized",
        () => {
          throw new Error("Unauthorized");
        },
        401,
      ],
      [
        "fails",
        () => {
          throw new Error("broken: secret");
        },
        500,
      ],
      ["answers no policy", () => ({ principalId: "x" }), 500],
      ["puts an object into its context", () => allow("*", { nested: {} }), 500],
    ])("that %s lets nobody through", async (_, handler, status) => {
      gateway.functions.handlers.set("auth", handler);
      const response = await send(token);
      expect(response.status).toBe(status);
      expect(response.text).not.toContain("secret");
      expect(gateway.functions.events.map(({ name }) => name)).toEqual(["auth"]);
    });

    it("that takes over ten seconds is a failure", async () => {
      gateway.functions.handlers.set("auth", () => new Promise(() => {}));
      const response = send(token);
      await vi.waitFor(() => expect(gateway.functions.events).toHaveLength(1));
      gateway.clock.advance(10_000);
      expect(await response).toMatchObject({ status: 500 });
    });

    it("of type REQUEST tells callers apart by all its identity sources", async () => {
      // Prepare
      await authorizer({
        Type: "REQUEST",
        IdentitySource:
          "method.request.header.X-Key, method.request.querystring.q, stageVariables.color",
      });
      const key = (value: string, q: string) =>
        gateway.send(`/api/a?q=${q}`, { headers: { "X-Key": value } });

      // Act
      const statuses = [
        (await key("1", "1")).status,
        (await key("1", "1")).status,
        (await key("1", "2")).status,
        (await gateway.send("/api/a?q=1")).status,
      ];

      // Assess
      expect(statuses).toEqual([200, 200, 200, 401]);
      expect(asked).toHaveLength(2);
      expect(gateway.functions.events[0]?.event).toMatchObject({
        type: "REQUEST",
        resource: "/a",
        httpMethod: "GET",
        headers: { "X-Key": "1" },
        queryStringParameters: { q: "1" },
        requestContext: { stage: "api" },
      });
    });
  });

  describe("gateway responses", () => {
    const response = (ResponseType: string, more: Readonly<Record<string, unknown>>) =>
      gateway.put(`Response${ResponseType}`, "GatewayResponse", {
        RestApiId: gateway.apiId,
        ResponseType,
        ...more,
      });

    it("are those of their type, with status, headers and variables", async () => {
      await response("MISSING_AUTHENTICATION_TOKEN", {
        StatusCode: "404",
        ResponseParameters: {
          "gatewayresponse.header.Content-Type": "'application/problem+json'",
          "gatewayresponse.header.X-Path": "context.path",
        },
        ResponseTemplates: {
          "application/json":
            '{"id":"$context.requestId","why":$context.error.messageString,"type":"$context.error.responseType","path":"$context.path","color":"$stageVariables.color"}',
        },
      });
      const { status, headers, text } = await gateway.send("/api/nowhere");
      expect(status).toBe(404);
      expect(headers).toMatchObject({
        "content-type": "application/problem+json",
        "x-path": "/api/nowhere",
      });
      expect(JSON.parse(text)).toEqual({
        id: headers["x-amzn-requestid"],
        why: "Missing Authentication Token",
        type: "MISSING_AUTHENTICATION_TOKEN",
        path: "/api/nowhere",
        color: "blue",
      });
    });

    it("fall back to those of their class, status too", async () => {
      await response("DEFAULT_4XX", {
        StatusCode: "418",
        ResponseTemplates: { "application/json": '{"default":true}' },
      });
      expect(await gateway.send("/api/nowhere")).toMatchObject({
        status: 418,
        text: '{"default":true}',
      });
    });

    it("stand for functions that fail, too", async () => {
      await open("fails");
      gateway.functions.handlers.set("main", () => "nonsense");
      await response("DEFAULT_5XX", {
        ResponseTemplates: { "application/json": '{"code":"internal"}' },
      });
      expect(await gateway.send("/api/fails")).toMatchObject({
        status: 502,
        text: '{"code":"internal"}',
      });
    });

    it("say which request was taken for one that AWS should have been asked", async () => {
      await response("INVALID_SIGNATURE", { StatusCode: "404" });
      const { status } = await gateway.send("/api/nowhere", {
        headers: { Authorization: "Bearer x" },
      });
      expect(status).toBe(404);
    });
  });

  it("throttles by token bucket: the burst passes, then the rate", async () => {
    // Prepare
    await open("plain", "GET");
    await stage({
      MethodSettings: [
        { HttpMethod: "*", ResourcePath: "/*", ThrottlingBurstLimit: 3, ThrottlingRateLimit: "2" },
      ],
    });
    const statuses = async (count: number) => {
      const all: number[] = [];
      for (let each = 0; each < count; each += 1)
        all.push((await gateway.send("/api/plain")).status);
      return all;
    };

    // Act, assess
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
    gateway.clock.advance(1_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
  });

  it("answers the preflight that the CDK makes, without a function", async () => {
    // Prepare: as Resource.addCorsPreflight synthesizes it.
    await open("cors", "OPTIONS", {
      AuthorizationType: "NONE",
      Integration: {
        Type: "MOCK",
        RequestTemplates: { "application/json": "{ statusCode: 204 }" },
        IntegrationResponses: [
          {
            StatusCode: "204",
            ResponseParameters: {
              "method.response.header.Access-Control-Allow-Headers": "'Content-Type,Authorization'",
              "method.response.header.Access-Control-Allow-Origin": "'*'",
            },
          },
        ],
      },
    });

    // Act
    const response = await gateway.send("/api/cors", { method: "OPTIONS" });

    // Assess
    expect(response).toMatchObject({
      status: 204,
      text: "",
      headers: {
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "Content-Type,Authorization",
      },
    });
    expect(gateway.functions.events).toEqual([]);
  });

  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["a signature by IAM", "Method", { AuthorizationType: "AWS_IAM" }],
    ["an API key", "Method", { ApiKeyRequired: true }],
    [
      "a cache",
      "Stage",
      { MethodSettings: [{ HttpMethod: "*", ResourcePath: "/*", CachingEnabled: true }] },
    ],
    [
      "a template that computes",
      "GatewayResponse",
      { ResponseType: "DEFAULT_4XX", ResponseTemplates: { "application/json": "#set($a = 1)" } },
    ],
    ["a body for a whole API", "RestApi", { Name: "x", Body: {} }],
  ])("refuses what it could not keep: %s", async (_, type, properties) => {
    const base =
      type === "Method"
        ? {
            RestApiId: gateway.apiId,
            ResourceId: root,
            HttpMethod: "GET",
            Integration: {
              Type: "AWS_PROXY",
              IntegrationHttpMethod: "POST",
              Uri: functionUri("main"),
            },
          }
        : type === "Stage"
          ? { RestApiId: gateway.apiId, StageName: "x" }
          : type === "GatewayResponse"
            ? { RestApiId: gateway.apiId }
            : {};
    const putting = async () => gateway.put("Refused", type, { ...base, ...properties });
    await expect(putting()).rejects.toThrow();
  });
});
