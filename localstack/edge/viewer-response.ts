import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseRange } from "./cache/byte-range.ts";
import type { CacheResult } from "./cache/edge-cache.ts";
import type { FunctionAnswer } from "./functions/viewer-functions.ts";
import type { Headers } from "./headers.ts";
import {
  applyResponseHeadersPolicy,
  type ResponseHeadersPolicy,
} from "./policies/response-headers-policy.ts";

type Body = Buffer | Readable | AsyncIterable<Buffer>;

/** CloudFront's words for `x-cache`, without "from cloudfront". */
export type EdgeResult = CacheResult | "FunctionGeneratedResponse" | "FunctionExecutionError";

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  /** Bytes of the whole body; undefined when it can only be passed on as it comes. */
  readonly size: number | undefined;
  /** Bytes `start` to `end` inclusive. */
  read(start: number, end: number): Body;
  readonly result: CacheResult;
  /** Seconds since the origin made it; undefined when it comes fresh from there. */
  readonly age: number | undefined;
}

/** The request, as far as its answer depends on it. */
export interface Asked {
  readonly method: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface AnswerRules {
  readonly policy: ResponseHeadersPolicy | undefined;
  /** What a function makes of an answer; it is not asked about errors. */
  readonly revise?: ((status: number, headers: Headers) => FunctionAnswer) | undefined;
}

interface Outgoing {
  readonly status: number;
  readonly statusText?: string | undefined;
  readonly headers: Headers;
  /** Undefined: nothing follows the headers. */
  readonly body: (() => Body) | undefined;
}

/**
 * Writes an answer to a viewer: validators, ranges and headers as CloudFront would.
 * @throws FunctionExecutionError
 * @throws FunctionValidationError
 */
export async function writeAnswer(
  asked: Asked,
  response: ServerResponse,
  answer: Answer,
  { policy, revise }: AnswerRules,
): Promise<void> {
  let outgoing = cutToSize(asked, answer);
  if (revise && outgoing.status < 400) {
    outgoing = revised(answer, outgoing, revise);
  }
  await write(asked, response, outgoing, policy, answer.result, answer.age);
}

/** Writes what a function answered in the place of cache and origin. */
export async function writeGenerated(
  asked: Asked,
  response: ServerResponse,
  { status, statusText, headers, body = Buffer.alloc(0) }: FunctionAnswer,
  policy: ResponseHeadersPolicy | undefined,
): Promise<void> {
  headers.set("content-length", String(body.length));
  const outgoing = { status, statusText, headers, body: () => body };
  await write(asked, response, outgoing, policy, "FunctionGeneratedResponse", undefined);
}

/** The answer or what the viewer lacks of it. */
function cutToSize(asked: Asked, answer: Answer): Outgoing {
  const { status, size } = answer;
  const headers: Headers = new Map(answer.headers);
  if (status === 200 && isUnchanged(asked, headers)) {
    headers.delete("content-length");
    return { status: 304, headers, body: undefined };
  }
  if (size === undefined) {
    return { status, headers, body: () => answer.read(0, Number.POSITIVE_INFINITY) };
  }
  const range = status === 200 ? rangeOf(asked, headers, size) : undefined;
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${size}`).set("content-length", "0");
    return { status: 416, headers, body: undefined };
  }
  if (status === 200) headers.set("accept-ranges", "bytes");
  const start = range?.start ?? 0;
  const end = range?.end ?? size - 1;
  headers.set("content-length", String(end - start + 1));
  if (range) headers.set("content-range", `bytes ${start}-${end}/${size}`);
  return {
    status: range ? 206 : status,
    headers,
    body: size === 0 ? undefined : () => answer.read(start, end),
  };
}

function revised(
  answer: Answer,
  { status, headers, body }: Outgoing,
  revise: NonNullable<AnswerRules["revise"]>,
): Outgoing {
  const drop = () => {
    const unread = answer.size === undefined ? body?.() : undefined;
    if (unread instanceof Readable) unread.destroy();
  };
  try {
    const said = revise(status, headers);
    if (said.body === undefined) return { ...said, body };
    drop();
    const replaced = said.body;
    said.headers.set("content-length", String(replaced.length));
    return { ...said, body: () => replaced };
  } catch (error) {
    drop();
    throw error;
  }
}

async function write(
  asked: Asked,
  response: ServerResponse,
  { status, statusText, headers, body }: Outgoing,
  policy: ResponseHeadersPolicy | undefined,
  result: EdgeResult,
  age: number | undefined,
): Promise<void> {
  decorate(headers, result, age);
  if (policy) {
    applyResponseHeadersPolicy(headers, policy, { origin: asked.headers.origin, secure: false });
  }
  if (statusText !== undefined) response.statusMessage = statusText;
  writeHead(response, status, headers);
  if (body) await send(asked.method, response, body());
  else response.end();
}

/** A page of the edge's own, in the manner of CloudFront. */
export function writeRefusal(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  result: EdgeResult = "Error",
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const headers: Headers = new Map([
    ["content-type", "text/xml"],
    ["content-length", String(Buffer.byteLength(body))],
  ]);
  decorate(headers, result, undefined);
  writeHead(response, status, headers);
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function decorate(headers: Headers, result: EdgeResult, age: number | undefined): void {
  headers.set("x-cache", `${result} from cloudfront`);
  headers.set("via", "1.1 edge.cloudfront.net (CloudFront)");
  headers.set("x-amz-cf-pop", "LOCAL1-C1");
  headers.set("x-amz-cf-id", randomUUID());
  if (age !== undefined) headers.set("age", String(Math.floor(age)));
}

function writeHead(response: ServerResponse, status: number, headers: Headers): void {
  response.statusCode = status;
  for (const [name, value] of headers) {
    response.setHeader(name, typeof value === "string" ? value : [...value]);
  }
}

/** RFC 9110 section 13.2.2: If-None-Match goes before If-Modified-Since. */
function isUnchanged({ headers: asked }: Asked, headers: Headers): boolean {
  const etag = headers.get("etag");
  const tags = asked["if-none-match"];
  if (tags !== undefined) {
    if (tags.trim() === "*") return true;
    const weak = (tag: string) => tag.trim().replace(/^W\//, "");
    return typeof etag === "string" && tags.split(",").some((tag) => weak(tag) === weak(etag));
  }
  const since = Date.parse(asked["if-modified-since"] ?? "");
  const modified = Date.parse(String(headers.get("last-modified") ?? ""));
  return !Number.isNaN(since) && !Number.isNaN(modified) && modified <= since;
}

/** RFC 9110 section 13.1.5: with an If-Range that does not match, the range is ignored. */
function rangeOf({ headers: asked }: Asked, headers: Headers, size: number) {
  const condition = asked["if-range"];
  if (
    condition !== undefined &&
    condition !== headers.get("etag") &&
    condition !== headers.get("last-modified")
  ) {
    return undefined;
  }
  return parseRange(asked.range, size);
}

async function send(method: string, response: ServerResponse, body: Body): Promise<void> {
  if (method === "HEAD") {
    if (body instanceof Readable) body.destroy();
    response.end();
    return;
  }
  if (Buffer.isBuffer(body)) {
    response.end(body);
    return;
  }
  await pipeline(body instanceof Readable ? body : Readable.from(body), response);
}
