import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseRange } from "./cache/byte-range.ts";
import type { CacheResult } from "./cache/edge-cache.ts";
import {
  applyResponseHeadersPolicy,
  type ResponseHeadersPolicy,
} from "./policies/response-headers-policy.ts";

export type Headers = Map<string, string | readonly string[]>;

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  /** Bytes of the whole body; undefined when it can only be passed on as it comes. */
  readonly size: number | undefined;
  /** Bytes `start` to `end` inclusive. */
  read(start: number, end: number): Buffer | Readable | AsyncIterable<Buffer>;
  readonly result: CacheResult;
  /** Seconds since the origin made it; undefined when it comes fresh from there. */
  readonly age: number | undefined;
}

/** Writes an answer to a viewer: validators, ranges and headers as CloudFront would. */
export async function writeAnswer(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  policy: ResponseHeadersPolicy | undefined,
): Promise<void> {
  const headers: Headers = new Map(answer.headers);
  decorate(headers, answer.result, answer.age);
  if (policy) {
    applyResponseHeadersPolicy(headers, policy, { origin: incoming.headers.origin, secure: false });
  }
  if (answer.status === 200 && isUnchanged(incoming, headers)) {
    headers.delete("content-length");
    writeHead(response, 304, headers);
    response.end();
    return;
  }
  if (answer.size === undefined) {
    writeHead(response, answer.status, headers);
    await send(incoming, response, answer.read(0, Number.POSITIVE_INFINITY));
    return;
  }
  const range = answer.status === 200 ? rangeOf(incoming, headers, answer.size) : undefined;
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${answer.size}`).set("content-length", "0");
    writeHead(response, 416, headers);
    response.end();
    return;
  }
  if (answer.status === 200) headers.set("accept-ranges", "bytes");
  const start = range?.start ?? 0;
  const end = range?.end ?? answer.size - 1;
  headers.set("content-length", String(end - start + 1));
  if (range) headers.set("content-range", `bytes ${start}-${end}/${answer.size}`);
  writeHead(response, range ? 206 : answer.status, headers);
  if (answer.size === 0) {
    response.end();
    return;
  }
  await send(incoming, response, answer.read(start, end));
}

/** A page of the edge's own, in the manner of CloudFront. */
export function writeRefusal(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const headers: Headers = new Map([
    ["content-type", "text/xml"],
    ["content-length", String(Buffer.byteLength(body))],
  ]);
  decorate(headers, "Error", undefined);
  writeHead(response, status, headers);
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function decorate(headers: Headers, result: CacheResult, age: number | undefined): void {
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
function isUnchanged(incoming: IncomingMessage, headers: Headers): boolean {
  const etag = headers.get("etag");
  const asked = incoming.headers["if-none-match"];
  if (asked !== undefined) {
    if (asked.trim() === "*") return true;
    const weak = (tag: string) => tag.trim().replace(/^W\//, "");
    return typeof etag === "string" && asked.split(",").some((tag) => weak(tag) === weak(etag));
  }
  const since = Date.parse(incoming.headers["if-modified-since"] ?? "");
  const modified = Date.parse(String(headers.get("last-modified") ?? ""));
  return !Number.isNaN(since) && !Number.isNaN(modified) && modified <= since;
}

/** RFC 9110 section 13.1.5: with an If-Range that does not match, the range is ignored. */
function rangeOf(incoming: IncomingMessage, headers: Headers, size: number) {
  const condition = incoming.headers["if-range"];
  if (
    typeof condition === "string" &&
    condition !== headers.get("etag") &&
    condition !== headers.get("last-modified")
  ) {
    return undefined;
  }
  return parseRange(incoming.headers.range, size);
}

async function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  body: Buffer | Readable | AsyncIterable<Buffer>,
): Promise<void> {
  if (incoming.method === "HEAD") {
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
