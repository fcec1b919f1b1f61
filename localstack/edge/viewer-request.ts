import type { IncomingMessage } from "node:http";
import type { SignedClaim } from "./access/signed-access.ts";
import type { ViewerRequest } from "./cache/cache-key.ts";

export interface Viewer {
  readonly request: ViewerRequest;
  readonly claim: SignedClaim;
  /** The address as asked, without the parameters that sign it. */
  readonly url: string;
  readonly sourceIp: string;
}

/** CloudFront removes these before it caches and forwards. */
const signingParameters = ["Policy", "Signature", "Key-Pair-Id", "Expires", "Hash-Algorithm"];

function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0) cookies.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
  }
  return cookies;
}

/** What a viewer asks, and by what right. The query's signature goes before the cookies'. */
export function readViewer(
  incoming: IncomingMessage,
  defaultRootObject: string | undefined,
): Viewer {
  const [rawPath = "/", query = ""] = splitOnce(incoming.url ?? "/", "?");
  const path = rawPath === "/" && defaultRootObject ? `/${defaultRootObject}` : rawPath;
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const pairs = query === "" ? [] : query.split("&");
  const isSigning = (pair: string) => signingParameters.includes(splitOnce(pair, "=")[0] ?? "");
  const signing = new URLSearchParams(pairs.filter(isSigning).join("&"));
  const rest = pairs.filter((pair) => !isSigning(pair)).join("&");
  const cookies = parseCookies(headers.cookie);
  const fromQuery = signing.has("Signature") || signing.has("Key-Pair-Id");
  const parameter = (name: string) =>
    (fromQuery ? signing.get(name) : cookies.get(`CloudFront-${name}`)) ?? undefined;
  const claim: SignedClaim = {
    policy: parameter("Policy"),
    expires: parameter("Expires"),
    signature: parameter("Signature"),
    keyPairId: parameter("Key-Pair-Id"),
    hashAlgorithm: parameter("Hash-Algorithm"),
  };
  for (const name of signingParameters) cookies.delete(`CloudFront-${name}`);
  return {
    request: { path, query: rest, headers, cookies },
    claim,
    url: `http://${headers.host ?? ""}${path}${rest === "" ? "" : `?${rest}`}`,
    sourceIp: incoming.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "",
  };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
