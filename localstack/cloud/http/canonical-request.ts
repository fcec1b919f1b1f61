import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsError } from "../aws-error.ts";
import { splitTarget } from "./address.ts";

/** Escapes as SigV4 wants it: everything but the unreserved characters of RFC 3986. */
export function uriEscape(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Undoes percent encoding. `+` stays `+`. @throws AwsError InvalidURI */
export function uriUnescape(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
  }
}

/** Query parameters in the order sent, decoded. */
export function parseQuery(query: string): (readonly [name: string, value: string])[] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? "" : pair.slice(equals + 1);
      // A form-encoded blank, as URLSearchParams writes it; a plus sign itself is sent as %2B.
      return [uriUnescape(name.replaceAll("+", " ")), uriUnescape(value.replaceAll("+", " "))];
    });
}

/**
 * The canonical request of SigV4.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * S3 escapes the path once; all others escape the already escaped path again.
 */
export function canonicalRequest(
  request: IncomingMessage,
  options: {
    readonly service: string;
    readonly signedHeaders: readonly string[];
    readonly payloadHash: string;
  },
): string {
  const { path, query } = splitTarget(request.url ?? "/");
  return [
    request.method ?? "GET",
    canonicalPath(path, options.service),
    canonicalQuery(query),
    ...options.signedHeaders.map((name) => `${name}:${headerValue(request, name)}`),
    "",
    options.signedHeaders.join(";"),
    options.payloadHash,
  ].join("\n");
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function canonicalPath(path: string, service: string): string {
  if (service === "s3")
    return path
      .split("/")
      .map((s) => uriEscape(uriUnescape(s)))
      .join("/");
  // RFC 3986 section 5.2.4, and no empty segments: what SDKs sign for services other than S3.
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(uriEscape(segment));
  }
  const trailing = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${segments.join("/")}${trailing}`;
}

function canonicalQuery(query: string): string {
  return parseQuery(query)
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [uriEscape(name), uriEscape(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function headerValue(request: IncomingMessage, name: string): string {
  return (request.headersDistinct[name] ?? [])
    .map((value) => value.trim().replace(/\s+/g, " "))
    .join(",");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
