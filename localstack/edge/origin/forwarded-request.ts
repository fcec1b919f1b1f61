import { type Encoding, selectQuery, type ViewerRequest } from "../cache/cache-key.ts";
import { type CachePolicy, type OriginRequestPolicy, selects } from "../policies/cache-policy.ts";

/** Which parts of a viewer's request a behavior lets through to its origin. */
export interface ForwardingPolicies {
  readonly cache: CachePolicy;
  readonly originRequest: OriginRequestPolicy | undefined;
}

/** Path and query for the origin. */
export function forwardedTarget(
  { path, query }: ViewerRequest,
  { cache, originRequest }: ForwardingPolicies,
): string {
  const inKey = cache.ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig;
  const selected = selectQuery(query, originRequest?.QueryStringsConfig ?? inKey);
  return selected === "" ? path : `${path}?${selected}`;
}

/** Headers that reach the origin: those of both policies, and what CloudFront adds. */
export function forwardedHeaders(
  request: ViewerRequest,
  sourceIp: string,
  { cache, originRequest }: ForwardingPolicies,
  encoding: Encoding,
): Record<string, string> {
  const parameters = cache.ParametersInCacheKeyAndForwardedToOrigin;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || neverForwarded.has(name)) continue;
    const inKey =
      parameters.HeadersConfig.Headers?.some((header) => header.toLowerCase() === name) ?? false;
    const asked =
      originRequest !== undefined &&
      selects(
        originRequest.HeadersConfig.HeaderBehavior,
        originRequest.HeadersConfig.Headers?.map((header) => header.toLowerCase()),
        name,
      );
    if (inKey || asked) headers[name] = value;
  }
  const cookies = [...request.cookies].filter(
    ([name]) =>
      selects(parameters.CookiesConfig.CookieBehavior, parameters.CookiesConfig.Cookies, name) ||
      (originRequest !== undefined &&
        selects(
          originRequest.CookiesConfig.CookieBehavior,
          originRequest.CookiesConfig.Cookies,
          name,
        )),
  );
  if (cookies.length > 0)
    headers.cookie = cookies.map(([name, value]) => `${name}=${value}`).join("; ");
  if (encoding !== undefined) headers["accept-encoding"] = encoding;
  const earlier = request.headers["x-forwarded-for"];
  headers["x-forwarded-for"] = earlier === undefined ? sourceIp : `${earlier}, ${sourceIp}`;
  // CloudFront adds it when a policy asks for it; here always, since cookies depend on it.
  headers["cloudfront-forwarded-proto"] = "http";
  headers.via = "1.1 edge.cloudfront.net (CloudFront)";
  headers["user-agent"] ??= "Amazon CloudFront";
  return headers;
}

/** Set by this edge, or meaningful only between two neighbours (RFC 9110 section 7.6.1). */
const neverForwarded = new Set([
  "host",
  "cookie",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "content-length",
  "range",
  "if-none-match",
  "if-modified-since",
  "if-range",
  "accept-encoding",
  "x-forwarded-for",
  "via",
]);
