import type { Readable } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";
import type { Encoding } from "./cache/cache-key.ts";

/** CloudFront Developer Guide, "Serve compressed files": these sizes and, among others, these types. */
const smallest = 1_000;
const largest = 10_000_000;
const compressible =
  /^(text\/|application\/(javascript|json|problem\+json|manifest\+json|xml|vnd\.apple\.mpegurl|wasm)|image\/svg\+xml)/;

/** Compresses an origin's answer when the behavior says so; otherwise gives it back as it is. */
export function compress(
  answer: { readonly headers: Map<string, string | readonly string[]>; readonly body: Readable },
  encoding: Encoding,
): Readable {
  const { headers, body } = answer;
  const size = Number(headers.get("content-length") ?? -1);
  const type = String(headers.get("content-type") ?? "");
  const applies =
    encoding !== undefined &&
    !headers.has("content-encoding") &&
    size >= smallest &&
    size <= largest &&
    compressible.test(type);
  if (!applies) return body;
  headers.set("content-encoding", encoding);
  headers.set("vary", "Accept-Encoding");
  headers.delete("content-length");
  headers.delete("accept-ranges");
  const etag = headers.get("etag");
  // RFC 9110 section 8.8.3: other bytes need another validator; a weak one stays comparable.
  if (typeof etag === "string" && !etag.startsWith("W/")) headers.set("etag", `W/${etag}`);
  const encoder =
    encoding === "br"
      ? createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
      : createGzip({ level: 6 });
  body.on("error", (error) => encoder.destroy(error));
  return body.pipe(encoder);
}
