import { type CachePolicy, selects } from "../policies/cache-policy.ts";

export interface ViewerRequest {
  readonly path: string;
  /** Without the question mark, as it came. */
  readonly query: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: ReadonlyMap<string, string>;
}

export type Encoding = "br" | "gzip" | undefined;

/** What of a query a policy takes in, in the order of the request. */
export function selectQuery(
  query: string,
  config: {
    readonly QueryStringBehavior: "none" | "whitelist" | "allExcept" | "all";
    readonly QueryStrings?: readonly string[] | undefined;
  },
): string {
  if (config.QueryStringBehavior === "none" || query === "") return "";
  return query
    .split("&")
    .filter((pair) => {
      const raw = pair.split("=", 1)[0] ?? "";
      return selects(config.QueryStringBehavior, config.QueryStrings, safeDecode(raw));
    })
    .join("&");
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The encoding that an answer may have: the policy must allow it and the viewer accept it (Brotli first). */
export function negotiateEncoding(
  policy: CachePolicy,
  acceptEncoding: string | undefined,
): Encoding {
  const { EnableAcceptEncodingBrotli, EnableAcceptEncodingGzip } =
    policy.ParametersInCacheKeyAndForwardedToOrigin;
  const accepted = new Set(
    (acceptEncoding ?? "")
      .toLowerCase()
      .split(",")
      .map((part) => part.trim())
      .filter((part) => !/;\s*q=0(\.0+)?$/.test(part))
      .map((part) => part.split(";")[0]?.trim()),
  );
  if (EnableAcceptEncodingBrotli && accepted.has("br")) return "br";
  if (EnableAcceptEncodingGzip && accepted.has("gzip")) return "gzip";
  return undefined;
}

/** Two requests with the same key get the same cached answer. */
export function cacheKey(
  distributionId: string,
  request: ViewerRequest,
  policy: CachePolicy,
  encoding: Encoding,
): string {
  const { HeadersConfig, CookiesConfig, QueryStringsConfig } =
    policy.ParametersInCacheKeyAndForwardedToOrigin;
  const headers =
    HeadersConfig.HeaderBehavior === "none"
      ? []
      : (HeadersConfig.Headers ?? []).map((name) => [
          name,
          request.headers[name.toLowerCase()] ?? null,
        ]);
  const cookies = [...request.cookies].filter(([name]) =>
    selects(CookiesConfig.CookieBehavior, CookiesConfig.Cookies, name),
  );
  return JSON.stringify([
    distributionId,
    request.path,
    selectQuery(request.query, QueryStringsConfig),
    headers,
    cookies,
    encoding ?? "identity",
  ]);
}
