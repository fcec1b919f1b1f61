/** TTL bounds of a cache policy, in seconds. */
export interface TtlBounds {
  readonly min: number;
  readonly default: number;
  readonly max: number;
}

export interface CacheDirectives {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly private: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxAge: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
}

/** RFC 9111 section 5.2: directives are case-insensitive; seconds may be quoted. */
export function parseCacheControl(value: string | undefined): CacheDirectives {
  const directives = new Map<string, string>();
  for (const part of (value ?? "").split(",")) {
    const [name = "", argument = ""] = part.split("=", 2);
    directives.set(name.trim().toLowerCase(), argument.trim().replaceAll('"', ""));
  }
  const seconds = (name: string) => {
    const argument = directives.get(name);
    return argument !== undefined && /^\d{1,10}$/.test(argument) ? Number(argument) : undefined;
  };
  return {
    noStore: directives.has("no-store"),
    noCache: directives.has("no-cache"),
    private: directives.has("private"),
    maxAge: seconds("max-age"),
    sMaxAge: seconds("s-maxage"),
    staleWhileRevalidate: seconds("stale-while-revalidate"),
    staleIfError: seconds("stale-if-error"),
  };
}

/**
 * How long an answer stays fresh at the edge, in seconds; 0 means it is not kept.
 * CloudFront Developer Guide, "Manage how long content stays in the cache": s-maxage before max-age
 * before Expires, held between minimum and maximum; without any, the default TTL; no-store, no-cache
 * and private are obeyed only where the minimum TTL is 0.
 */
export function ttlOf(
  headers: {
    readonly cacheControl: string | undefined;
    readonly expires: string | undefined;
    readonly date: string | undefined;
  },
  bounds: TtlBounds,
  nowMs: number,
): number {
  const directives = parseCacheControl(headers.cacheControl);
  const clamp = (seconds: number) =>
    Math.min(Math.max(seconds, bounds.min), Math.max(bounds.max, bounds.min));
  if (directives.noStore || directives.noCache || directives.private) return bounds.min;
  const age = directives.sMaxAge ?? directives.maxAge;
  if (age !== undefined) return clamp(age);
  if (headers.expires !== undefined) {
    const expires = Date.parse(headers.expires);
    const date = headers.date === undefined ? nowMs : Date.parse(headers.date);
    return clamp(Number.isNaN(expires) || Number.isNaN(date) ? 0 : (expires - date) / 1000);
  }
  return Math.max(bounds.min, bounds.default);
}

/** "How CloudFront caches HTTP 4xx and 5xx status codes": these are always cached, others only by max-age. */
const alwaysCachedErrors = new Set([404, 414, 500, 501, 502, 503, 504]);
const cachedWithMaxAge = new Set([400, 403, 405, 412, 415]);
const defaultErrorTtlSeconds = 10;

/** Seconds that an error answer is kept. `minTtl` is the distribution's ErrorCachingMinTTL for the status. */
export function errorTtlOf(
  status: number,
  cacheControl: string | undefined,
  minTtl: number | undefined,
): number {
  const directives = parseCacheControl(cacheControl);
  const age = directives.sMaxAge ?? directives.maxAge;
  if (alwaysCachedErrors.has(status)) return Math.max(minTtl ?? defaultErrorTtlSeconds, age ?? 0);
  if (cachedWithMaxAge.has(status) && age !== undefined) return Math.max(minTtl ?? 0, age);
  return 0;
}
