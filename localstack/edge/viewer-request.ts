import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { SignedClaim } from "./access/signed-access.ts";
import type { ViewerRequest } from "./cache/cache-key.ts";

/** What a viewer sent, before the edge takes anything away. */
export interface RawRequest {
  readonly path: string;
  /** Without the question mark; undefined when there was none either. */
  readonly query: string | undefined;
  /** By name in lower case, one value a line; without cookies. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly cookies: readonly (readonly [string, string])[];
}

export interface Viewer {
  readonly id: string;
  readonly method: string;
  readonly raw: RawRequest;
  readonly request: ViewerRequest;
  readonly claim: SignedClaim;
  /** The address as asked, without the parameters that sign it. */
  readonly url: string;
  readonly sourceIp: string;
}

/** A request that is none: CloudFront answers 400. */
export class BadRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadRequest";
  }
}

/** CloudFront removes these before it caches and forwards. */
const signingParameters = ["Policy", "Signature", "Key-Pair-Id", "Expires", "Hash-Algorithm"];

/** RFC 3986 section 3.2, without user information: grants are matched against it. */
const hostPattern = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/;
/** RFC 9112 section 3.2.1, origin form: no fragment, and no backslash, which some parsers take for a slash. */
const targetPattern = /^\/[!"$-[\]-~\u0080-\u{10ffff}]*$/u;

/**
 * What a viewer asks, and by what right. The query's signature goes before the cookies'.
 * @throws BadRequest
 */
export function readViewer(
  incoming: IncomingMessage,
  defaultRootObject: string | undefined,
): Viewer {
  const { host = "" } = incoming.headers;
  const target = incoming.url ?? "/";
  if (host !== "" && !hostPattern.test(host)) throw new BadRequest("The Host header is no host.");
  if (!targetPattern.test(target)) throw new BadRequest("The address of the request is none.");
  const [path = "/", query] = splitOnce(target, "?");
  const headers = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values && name !== "cookie") headers.set(name, values);
  }
  const raw = { path, query, headers, cookies: parseCookies(incoming.headers.cookie) };
  const request = toViewerRequest(raw, defaultRootObject);
  return {
    id: randomUUID(),
    method: incoming.method ?? "",
    raw,
    request,
    claim: claimOf(raw),
    url: `http://${host}${request.path}${request.query === "" ? "" : `?${request.query}`}`,
    sourceIp: incoming.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "",
  };
}

/** What the cache and the origin see of a request: nothing that signs it. */
export function toViewerRequest(
  raw: RawRequest,
  defaultRootObject: string | undefined,
): ViewerRequest {
  const headers: Record<string, string> = {};
  for (const [name, values] of raw.headers) headers[name] = values.join(", ");
  const cookies = new Map(raw.cookies);
  for (const name of signingParameters) cookies.delete(`CloudFront-${name}`);
  return {
    path: raw.path === "/" && defaultRootObject ? `/${defaultRootObject}` : raw.path,
    query: pairsOf(raw.query)
      .filter((pair) => !isSigning(pair))
      .join("&"),
    headers,
    cookies,
  };
}

function claimOf(raw: RawRequest): SignedClaim {
  const signing = new URLSearchParams(pairsOf(raw.query).filter(isSigning).join("&"));
  const cookies = new Map(raw.cookies);
  const fromQuery = signing.has("Signature") || signing.has("Key-Pair-Id");
  const parameter = (name: string) =>
    (fromQuery ? signing.get(name) : cookies.get(`CloudFront-${name}`)) ?? undefined;
  return {
    policy: parameter("Policy"),
    expires: parameter("Expires"),
    signature: parameter("Signature"),
    keyPairId: parameter("Key-Pair-Id"),
    hashAlgorithm: parameter("Hash-Algorithm"),
  };
}

function parseCookies(header: string | undefined): [string, string][] {
  return (header ?? "").split(";").flatMap((pair): [string, string][] => {
    const equals = pair.indexOf("=");
    return equals > 0 ? [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]] : [];
  });
}

const isSigning = (pair: string) => signingParameters.includes(splitOnce(pair, "=")[0]);
const pairsOf = (query = "") => (query === "" ? [] : query.split("&"));

export function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
