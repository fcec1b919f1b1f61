import type { IncomingMessage } from "node:http";
import { AwsError } from "../aws-error.ts";
import { parseHost, parseQuery, splitTarget, uriUnescape } from "../http/index.ts";
import type { AwsExchange } from "../service.ts";
import { invalidArgument } from "./errors.ts";

/** What an S3 request is about, by path or by host. */
export interface S3Address {
  /** Empty: the service itself. */
  readonly bucket: string;
  /** Empty: the bucket itself. */
  readonly key: string;
}

const longestKeyBytes = 1024;

/** @throws AwsError InvalidURI, KeyTooLongError */
export function addressOf(request: IncomingMessage): S3Address {
  const path = splitTarget(request.url ?? "/").path.slice(1);
  const host = parseHost(request.headers.host);
  const slash = path.indexOf("/");
  const address =
    host.kind === "bucket"
      ? { bucket: host.bucket, key: uriUnescape(path) }
      : slash < 0
        ? { bucket: uriUnescape(path), key: "" }
        : { bucket: uriUnescape(path.slice(0, slash)), key: uriUnescape(path.slice(slash + 1)) };
  if (Buffer.byteLength(address.key) > longestKeyBytes) {
    throw new AwsError("KeyTooLongError", "Your key is too long", 400, {
      MaxSizeAllowed: String(longestKeyBytes),
    });
  }
  return address;
}

/** One S3 request: address, query and headers, read in one way whether signed by header or by link. */
export class S3Request {
  readonly exchange: AwsExchange;
  readonly bucket: string;
  readonly key: string;
  readonly #query: ReadonlyMap<string, string>;

  constructor(exchange: AwsExchange) {
    const { bucket, key } = addressOf(exchange.request);
    this.exchange = exchange;
    this.bucket = bucket;
    this.key = key;
    this.#query = new Map(parseQuery(splitTarget(exchange.request.url ?? "/").query));
  }

  get method(): string {
    return this.exchange.request.method ?? "GET";
  }

  query(name: string): string | undefined {
    return this.#query.get(name);
  }

  /** A whole number of the query. @throws AwsError InvalidArgument */
  queryNumber(name: string, fallback: number, lowest: number, highest: number): number {
    const text = this.query(name);
    if (text === undefined || text === "") return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= lowest && value <= highest)) {
      throw invalidArgument(
        name,
        text,
        `${name} must be a whole number from ${lowest} to ${highest}.`,
      );
    }
    return value;
  }

  has(name: string): boolean {
    return this.#query.has(name);
  }

  /** A header by lower-case name. Presigned links carry `x-amz-…` headers in their query. */
  header(name: string): string | undefined {
    const value = this.exchange.request.headers[name];
    if (value !== undefined) return typeof value === "string" ? value : value.join(", ");
    if (!name.startsWith("x-amz-")) return undefined;
    for (const [key, parameter] of this.#query) if (key.toLowerCase() === name) return parameter;
    return undefined;
  }

  /** Names of all headers, those in a presigned link's query too. */
  headerNames(): string[] {
    const hoisted = [...this.#query.keys()]
      .map((name) => name.toLowerCase())
      .filter((name) => name.startsWith("x-amz-"));
    return [...new Set([...Object.keys(this.exchange.request.headers), ...hoisted])];
  }
}
