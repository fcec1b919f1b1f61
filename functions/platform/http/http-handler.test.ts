import { Logger } from "@aws-lambda-powertools/logger";
import { problemSchema } from "@sluice/contracts";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { NotFoundError } from "../errors.ts";
import { apiEvent, lambdaContext } from "../testing/api-event.ts";
import { type HttpRequest, httpHandler, openHttpHandler } from "./http-handler.ts";

const logger = new Logger({ logLevel: "SILENT" });
const bodySchema = z.strictObject({ parts: z.array(z.strictObject({ etag: z.string() })) });
type Body = z.infer<typeof bodySchema>;

const handlerOf = (
  act: (request: HttpRequest<unknown, unknown, unknown, Body>) => Promise<{
    status: number;
    body: { name: string };
    cookies?: string[];
  }>,
) => httpHandler({ logger, body: bodySchema, answer: z.strictObject({ name: z.string() }) }, act);

const fine = handlerOf(async () => ({ status: 201, body: { name: "a" } }));
const post = (body: unknown, headers: Record<string, string> = {}) =>
  apiEvent({
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  });
const problemOf = (answer: { readonly body: string }) =>
  problemSchema.parse(JSON.parse(answer.body));

describe("httpHandler", () => {
  it("answers JSON that no cache keeps, with the caller's correlation id", async () => {
    // Act
    const answer = await fine(post({ parts: [] }, { "X-Correlation-Id": "abc-1" }), lambdaContext);

    // Assess
    expect(answer).toMatchObject({
      statusCode: 201,
      body: '{"name":"a"}',
      headers: {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-correlation-id": "abc-1",
      },
    });
  });

  it.each(["", "a b", "a\nb", "a".repeat(129)])(
    "replaces the unusable correlation id %j by API Gateway's request id",
    async (id) => {
      const answer = await fine(post({ parts: [] }, { "x-correlation-id": id }), lambdaContext);
      expect(answer.headers?.["x-correlation-id"]).toBe("request-1");
    },
  );

  it("says where a field is wrong or unknown", async () => {
    // Act
    const answer = await fine(post({ parts: [{ etag: 1, x: 2 }], y: 3 }), lambdaContext);

    // Assess
    expect(answer.statusCode).toBe(400);
    expect(answer.headers?.["content-type"]).toBe("application/problem+json");
    const problem = problemOf(answer);
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors?.map((error) => error.path).sort()).toEqual([
      "parts.0.etag",
      "parts.0.x",
      "y",
    ]);
  });

  it("refuses a query that the contract does not name", async () => {
    const event = { ...post({ parts: [] }), multiValueQueryStringParameters: { a: ["1"] } };
    expect(problemOf(await fine(event, lambdaContext)).errors?.[0]?.path).toBe("a");
  });

  it("refuses a path whose id cannot be one", async () => {
    const handler = httpHandler(
      { logger, params: z.strictObject({ videoId: z.uuid() }) },
      async () => ({ status: 204 }),
    );
    const event = apiEvent({ method: "GET", params: { videoId: "1" } });
    expect(problemOf(await handler(event, lambdaContext)).errors?.[0]?.path).toBe("videoId");
  });

  it.each([
    ["none", apiEvent({ method: "POST" }), 204],
    ["an empty object", post({}), 204],
    ["anything else", post({ a: 1 }), 400],
  ])("answers to %s, where no body is agreed", async (_, event, status) => {
    const handler = httpHandler({ logger }, async () => ({ status: 204 }));
    expect((await handler(event, lambdaContext)).statusCode).toBe(status);
  });

  it.each([
    ["a form", post("a=b", { "Content-Type": "application/x-www-form-urlencoded" }), 415],
    ["no type", apiEvent({ method: "POST", body: "{}" }), 415],
    ["broken JSON", post("{"), 400],
    ["no body", apiEvent({ method: "POST" }), 400],
  ])("refuses %s", async (_, event, status) => {
    expect((await fine(event, lambdaContext)).statusCode).toBe(status);
  });

  it("reads a body that API Gateway sent as base64", async () => {
    // Prepare
    const event = post(Buffer.from('{"parts":[]}').toString("base64"));

    // Act, assess
    const answer = await fine({ ...event, isBase64Encoded: true }, lambdaContext);
    expect(answer.statusCode).toBe(201);
  });

  it("demands an owner", async () => {
    const event = apiEvent({ method: "POST", owner: undefined });
    expect(problemOf(await fine(event, lambdaContext)).code).toBe("unauthenticated");
  });

  it("turns a rule's refusal into its problem", async () => {
    // Prepare
    const handler = handlerOf(async () => {
      throw new NotFoundError("video");
    });

    // Act
    const answer = await handler(post({ parts: [] }), lambdaContext);

    // Assess
    expect(problemOf(answer)).toMatchObject({
      status: 404,
      code: "not-found",
      requestId: "request-1",
    });
  });

  it("says nothing about the inside when it fails, and logs no signature", async () => {
    // Prepare
    const logged = vi.spyOn(logger, "error");
    const handler = handlerOf(async () => {
      throw new Error("GET https://bucket/key?X-Amz-Signature=abc refused");
    });

    // Act
    const answer = await handler(post({ parts: [] }), lambdaContext);

    // Assess
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("bucket");
    expect(problemOf(answer).code).toBe("internal");
    expect(answer.headers?.["cache-control"]).toBe("no-store");
    expect(JSON.stringify(logged.mock.calls)).toContain("https://bucket/key?…");
    expect(JSON.stringify(logged.mock.calls)).not.toContain("Signature");
  });

  it("says when to come back while AWS is busy, whatever has wrapped its error", async () => {
    // Prepare
    const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    const handler = handlerOf(async () => {
      throw new Error("Failed query", { cause: throttled });
    });

    // Act
    const answer = await handler(post({ parts: [] }), lambdaContext);

    // Assess
    expect(problemOf(answer)).toMatchObject({ status: 503, code: "unavailable" });
    expect(answer.headers?.["retry-after"]).toBe("2");
  });

  it("says so too while the database's disk is full, and 500 for its other errors", async () => {
    const answerTo = (state: string) => {
      const failed = Object.assign(new Error(`ERROR: no; SQLState: ${state}`), {
        name: "DatabaseErrorException",
      });
      const handler = handlerOf(async () => {
        throw new Error("Failed query", { cause: failed });
      });
      return handler(post({ parts: [] }), lambdaContext);
    };

    expect(problemOf(await answerTo("53100"))).toMatchObject({ status: 503, code: "unavailable" });
    expect(problemOf(await answerTo("42703"))).toMatchObject({ status: 500, code: "internal" });
  });

  it("refuses to send an answer that breaks the contract", async () => {
    const handler = handlerOf(async () => ({ status: 200, body: { name: "a", secret: "b" } }));
    const answer = await handler(post({ parts: [] }), lambdaContext);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("secret");
  });

  it("sends each cookie in a header of its own", async () => {
    const handler = handlerOf(async () => ({
      status: 200,
      body: { name: "a" },
      cookies: ["a=1", "b=2"],
    }));
    const answer = await handler(post({ parts: [] }), lambdaContext);
    expect(answer.multiValueHeaders).toEqual({ "set-cookie": ["a=1", "b=2"] });
  });
});

describe("openHttpHandler", () => {
  const params = z.strictObject({ id: z.uuid() });
  const open = openHttpHandler(
    { logger, params, answer: z.strictObject({ name: z.string() }) },
    async () => ({ status: 200, body: { name: "a" } }),
  );
  const id = "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11";
  const anybody = { method: "GET", params: { id }, owner: undefined };

  it("answers without an owner, for the scripts of any page", async () => {
    expect(await open(apiEvent(anybody), lambdaContext)).toMatchObject({
      statusCode: 200,
      body: '{"name":"a"}',
      headers: { "access-control-allow-origin": "*", "cache-control": "no-store" },
    });
  });

  it("checks requests all the same, and lets any page read why they were refused", async () => {
    for (const event of [
      apiEvent({ ...anybody, params: { id: "1" } }),
      apiEvent({ ...anybody, query: { a: "1" } }),
    ]) {
      const answer = await open(event, lambdaContext);
      expect(problemOf(answer).code).toBe("invalid-request");
      expect(answer.headers).toMatchObject({ "access-control-allow-origin": "*" });
    }
  });

  it("may lead elsewhere", async () => {
    const leading = openHttpHandler({ logger, params }, async () => ({
      status: 302,
      location: "/play/x",
    }));

    expect(await leading(apiEvent(anybody), lambdaContext)).toMatchObject({
      statusCode: 302,
      headers: { location: "/play/x" },
      body: "",
    });
  });
});
