import type { Readable } from "node:stream";
import type { Clock } from "@sluice/cloud";
import type { OriginResponse } from "../origin/origin-client.ts";
import { OriginUnreachable } from "../origin/origin-client.ts";
import { Fill } from "./fill.ts";
import { errorTtlOf, parseCacheControl, type TtlBounds, ttlOf } from "./freshness.ts";
import { MemoryStore, type StoredResponse } from "./memory-store.ts";

/** CloudFront's words for `x-cache`, without "from cloudfront". */
export type CacheResult = "Hit" | "RefreshHit" | "Miss" | "Error";

export type Lookup =
  | { readonly kind: "stored"; readonly entry: StoredResponse; readonly result: CacheResult }
  | { readonly kind: "fill"; readonly fill: Fill; readonly result: CacheResult }
  /** May not be shared: `response` belongs to the viewer whose request fetched it, others ask again. */
  | { readonly kind: "unshared"; readonly response: OriginResponse | undefined };

export interface CacheRules {
  readonly bounds: TtlBounds;
  /** The distribution's ErrorCachingMinTTL by status, in seconds. */
  readonly errorMinTtl: (status: number) => number | undefined;
  /** Whether this viewer's answer is encoded here; its length is unknown then. */
  readonly encode: (response: OriginResponse) => Readable;
}

export interface EdgeCacheOptions {
  readonly clock: Clock;
  readonly maxBytes: number;
  /** A larger answer goes to each viewer by itself. */
  readonly maxObjectBytes: number;
}

/** Conditional headers by which the origin may answer 304. */
export type FetchFromOrigin = (conditions: Record<string, string>) => Promise<OriginResponse>;

/** What an edge keeps, how long, and who waits for whom. */
export class EdgeCache {
  readonly #options: EdgeCacheOptions;
  readonly #store: MemoryStore;
  readonly #inFlight = new Map<string, Promise<Lookup>>();

  constructor(options: EdgeCacheOptions) {
    this.#options = options;
    this.#store = new MemoryStore(options.maxBytes);
  }

  /** A fresh answer, or undefined; never asks the origin. */
  peek(key: string): StoredResponse | undefined {
    const entry = this.#store.get(key);
    return entry && entry.freshUntil > this.#options.clock.now() ? entry : undefined;
  }

  /**
   * @throws OriginUnreachable when the origin is and nothing stale may be given instead
   */
  async get(key: string, rules: CacheRules, fetchFromOrigin: FetchFromOrigin): Promise<Lookup> {
    const now = this.#options.clock.now();
    const entry = this.#store.get(key);
    if (entry && entry.freshUntil > now) return { kind: "stored", entry, result: "Hit" };
    const running = this.#inFlight.get(key);
    if (entry && entry.staleWhileRevalidateUntil > now) {
      if (!running) this.#begin(key, entry, rules, fetchFromOrigin).catch(() => {});
      return { kind: "stored", entry, result: "Hit" };
    }
    if (running) {
      const shared = await running;
      return shared.kind === "unshared"
        ? { kind: "unshared", response: undefined }
        : { ...shared, result: shared.result === "Error" ? "Error" : "Hit" };
    }
    return this.#begin(key, entry, rules, fetchFromOrigin);
  }

  #begin(
    key: string,
    stale: StoredResponse | undefined,
    rules: CacheRules,
    fetchFromOrigin: FetchFromOrigin,
  ): Promise<Lookup> {
    const flight = this.#fetch(key, stale, rules, fetchFromOrigin);
    this.#inFlight.set(key, flight);
    const done = () => void this.#inFlight.delete(key);
    flight.then((lookup) => {
      if (lookup.kind === "fill") lookup.fill.complete.then(done, done);
      else done();
    }, done);
    return flight;
  }

  async #fetch(
    key: string,
    stale: StoredResponse | undefined,
    rules: CacheRules,
    fetchFromOrigin: FetchFromOrigin,
  ): Promise<Lookup> {
    let response: OriginResponse;
    try {
      response = await fetchFromOrigin(stale ? conditionsOf(stale) : {});
    } catch (error) {
      if (!(error instanceof OriginUnreachable)) throw error;
      const kept = this.#serveStale(key, stale, error.status, undefined, rules);
      if (kept) return kept;
      throw error;
    }
    if (response.status === 304 && stale) {
      response.body.resume();
      return this.#refresh(key, stale, response, rules);
    }
    if (response.status >= 400) return this.#error(key, stale, response, rules);
    return this.#answer(key, response, rules);
  }

  #refresh(
    key: string,
    stale: StoredResponse,
    response: OriginResponse,
    rules: CacheRules,
  ): Lookup {
    // RFC 9111 section 4.3.4: the 304's fields replace the stored ones.
    const headers = new Map([...stale.headers, ...response.headers]);
    headers.set("content-length", String(stale.body.length));
    const entry = this.#entry(stale.status, headers, stale.body, this.#ttl(headers, rules));
    this.#store.set(key, entry);
    return { kind: "stored", entry, result: "RefreshHit" };
  }

  async #error(
    key: string,
    stale: StoredResponse | undefined,
    response: OriginResponse,
    rules: CacheRules,
  ): Promise<Lookup> {
    const cacheControl = text(response.headers, "cache-control");
    if (response.status >= 500) {
      const kept = this.#serveStale(key, stale, response.status, cacheControl, rules);
      if (kept) {
        response.body.resume();
        return kept;
      }
    }
    const ttl = errorTtlOf(response.status, cacheControl, rules.errorMinTtl(response.status));
    const body = await collect(response.body, this.#options.maxObjectBytes);
    if (body === undefined) return { kind: "unshared", response: undefined };
    const headers = new Map(response.headers).set("content-length", String(body.length));
    const entry = this.#entry(response.status, headers, body, ttl);
    if (ttl > 0) this.#store.set(key, entry);
    return { kind: "stored", entry, result: "Error" };
  }

  /** "If the origin fails, CloudFront serves the expired object", and asks again after the error TTL. */
  #serveStale(
    key: string,
    stale: StoredResponse | undefined,
    status: number,
    cacheControl: string | undefined,
    rules: CacheRules,
  ): Lookup | undefined {
    if (!stale || stale.status >= 400) return undefined;
    const now = this.#options.clock.now();
    if (now >= stale.staleIfErrorUntil) return undefined;
    const retryAfter = errorTtlOf(status, cacheControl, rules.errorMinTtl(status));
    const entry = { ...stale, freshUntil: now + retryAfter * 1000 };
    this.#store.set(key, entry);
    return { kind: "stored", entry, result: "Hit" };
  }

  async #answer(key: string, response: OriginResponse, rules: CacheRules): Promise<Lookup> {
    const ttl = this.#ttl(response.headers, rules);
    const declared = Number(response.headers.get("content-length") ?? Number.NaN);
    if (ttl <= 0 || response.status !== 200 || declared > this.#options.maxObjectBytes) {
      return { kind: "unshared", response };
    }
    const body = rules.encode(response);
    const size = Number(response.headers.get("content-length") ?? Number.NaN);
    if (Number.isNaN(size)) {
      const whole = await collect(body, this.#options.maxObjectBytes);
      if (whole === undefined) return { kind: "unshared", response: undefined };
      response.headers.set("content-length", String(whole.length));
      const entry = this.#entry(200, response.headers, whole, ttl);
      this.#store.set(key, entry);
      return { kind: "stored", entry, result: "Miss" };
    }
    const fill = new Fill({ status: 200, headers: response.headers, size }, body);
    fill.complete.then(
      (whole) => this.#store.set(key, this.#entry(200, response.headers, whole, ttl)),
      () => {},
    );
    return { kind: "fill", fill, result: "Miss" };
  }

  #ttl(headers: ReadonlyMap<string, string | readonly string[]>, rules: CacheRules): number {
    const age = Number(text(headers, "age") ?? 0) || 0;
    const ttl = ttlOf(
      {
        cacheControl: text(headers, "cache-control"),
        expires: text(headers, "expires"),
        date: text(headers, "date"),
      },
      rules.bounds,
      this.#options.clock.now(),
    );
    return Math.max(ttl - age, 0);
  }

  #entry(
    status: number,
    headers: ReadonlyMap<string, string | readonly string[]>,
    body: Buffer,
    ttlSeconds: number,
  ): StoredResponse {
    const now = this.#options.clock.now();
    const freshUntil = now + ttlSeconds * 1000;
    const directives = parseCacheControl(text(headers, "cache-control"));
    const staleIfError = directives.staleIfError;
    return {
      status,
      headers,
      body,
      storedAt: now,
      initialAge: Number(text(headers, "age") ?? 0) || 0,
      freshUntil,
      staleWhileRevalidateUntil: freshUntil + (directives.staleWhileRevalidate ?? 0) * 1000,
      staleIfErrorUntil:
        staleIfError === undefined ? Number.POSITIVE_INFINITY : freshUntil + staleIfError * 1000,
    };
  }
}

function text(
  headers: ReadonlyMap<string, string | readonly string[]>,
  name: string,
): string | undefined {
  const value = headers.get(name);
  return value === undefined || typeof value === "string" ? value : value.join(", ");
}

function conditionsOf(stale: StoredResponse): Record<string, string> {
  const etag = text(stale.headers, "etag");
  if (etag !== undefined) return { "if-none-match": etag };
  const modified = text(stale.headers, "last-modified");
  return modified === undefined ? {} : { "if-modified-since": modified };
}

/** The whole body, or undefined when it is longer than `maxBytes`. */
async function collect(body: Readable, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) {
      body.destroy();
      return undefined;
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
