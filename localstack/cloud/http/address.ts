/** What the Host header says the request is for. */
export type HostTarget =
  | { readonly kind: "bucket"; readonly bucket: string }
  | { readonly kind: "api"; readonly apiId: string }
  | { readonly kind: "endpoint" };

const bucketHost =
  /^(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/;
const apiHost = /^(?<apiId>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/;
/** SDKs address `bucket.localhost` when the endpoint is given as `localhost`. */
const localBucketHost = /^(?:(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)(?:s3\.)?localhost$/;

/** Reads a Host header such as `media.s3.us-east-1.amazonaws.com` or `127.0.0.1:4566`. */
export function parseHost(host: string | undefined): HostTarget {
  const name = (host ?? "").toLowerCase().replace(/:\d+$/, "");
  const apiId = apiHost.exec(name)?.groups?.apiId;
  if (apiId) return { kind: "api", apiId };
  const bucket = (bucketHost.exec(name) ?? localBucketHost.exec(name))?.groups?.bucket;
  if (bucket && bucket !== "s3") return { kind: "bucket", bucket };
  return { kind: "endpoint" };
}

/**
 * Path and query exactly as sent. `URL` would collapse `..` and `//`, which are ordinary in S3 keys
 * and part of what was signed.
 */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf("?");
  return mark < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
