import { pipeline } from "node:stream/promises";
import { AwsError } from "../../aws-error.ts";
import { headerOf } from "../checksums/algorithms.ts";
import { judgeRead } from "../conditions.ts";
import type { S3Environment } from "../environment.ts";
import { noSuchKey, preconditionFailed } from "../errors.ts";
import { parseRange, sliceParts } from "../range.ts";
import type { S3Request } from "../request.ts";
import type { StoredObject } from "../storage/object-store.ts";

/** A reader that takes nothing for this long is let go. */
const stalledReaderMs = 120_000;

const overridable = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

/** Bytes `first` to `last` of the object; `last` is `first - 1` when there are none. */
interface Selection {
  readonly first: number;
  readonly last: number;
  readonly partial: boolean;
  readonly partsCount?: number | undefined;
}

/** GetObject and HeadObject. */
export async function getObject(environment: S3Environment, request: S3Request): Promise<void> {
  const { bucket, key } = request;
  const { response } = request.exchange;
  environment.buckets.get(bucket);
  const object = environment.objects.find(bucket, key);
  if (!object) throw noSuchKey(key);
  refuseVersion(request);

  const verdict = judgeRead(
    {
      ifMatch: request.header("if-match"),
      ifNoneMatch: request.header("if-none-match"),
      ifModifiedSince: request.header("if-modified-since"),
      ifUnmodifiedSince: request.header("if-unmodified-since"),
    },
    object,
  );
  if (verdict.kind === "failed") throw preconditionFailed(verdict.condition);
  writeHeaders(request, object);
  if (verdict.kind === "not-modified") {
    response.statusCode = 304;
    response.removeHeader("content-type");
    response.end();
    return;
  }

  const { first, last, partial, partsCount } = select(environment, request, object);
  const length = last - first + 1;
  response.statusCode = partial ? 206 : 200;
  response.setHeader("content-length", length);
  if (partial) response.setHeader("content-range", `bytes ${first}-${last}/${object.size}`);
  if (partsCount !== undefined) response.setHeader("x-amz-mp-parts-count", partsCount);
  const wantsChecksum = request.header("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  if (object.checksum && wantsChecksum && length === object.size) {
    response.setHeader(headerOf(object.checksum.algorithm), object.checksum.value);
    response.setHeader("x-amz-checksum-type", object.checksum.type);
  }
  if (request.method === "HEAD" || length === 0) {
    response.end();
    return;
  }

  const slices = sliceParts(
    environment.objects.partsWithin(object.contentId, first, last),
    first,
    last,
  );
  // Taken before anything can interleave: an overwrite now lets this answer finish with the old bytes.
  const release = environment.blobs.hold(slices.map(({ blob }) => blob));
  response.setTimeout(stalledReaderMs, () => response.destroy());
  try {
    await pipeline(environment.blobs.read(slices), response);
  } catch (error) {
    if (!isGoneClient(error)) throw error;
  } finally {
    release();
  }
}

function select(environment: S3Environment, request: S3Request, object: StoredObject): Selection {
  const range = request.header("range");
  const whole: Selection = { first: 0, last: object.size - 1, partial: false };
  if (request.has("partNumber")) {
    if (range !== undefined) {
      throw new AwsError(
        "InvalidRequest",
        "Cannot specify both Range header and partNumber query parameter",
      );
    }
    const number = request.queryNumber("partNumber", 1, 1, 10_000);
    const part = environment.objects.partAt(object.contentId, number);
    if (!part) {
      throw new AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
        ActualPartCount: String(object.partCount ?? 1),
        PartNumberRequested: String(number),
      });
    }
    if (part.size === 0) return { ...whole, partsCount: object.partCount };
    const last = part.start + part.size - 1;
    return { first: part.start, last, partial: true, partsCount: object.partCount };
  }
  if (!rangeStillMeant(request, object)) return whole;
  const verdict = parseRange(range, object.size);
  if (verdict.kind === "range") return { first: verdict.first, last: verdict.last, partial: true };
  if (verdict.kind === "whole") return whole;
  request.exchange.response.setHeader("content-range", `bytes */${object.size}`);
  throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416, {
    RangeRequested: range ?? "",
    ActualObjectSize: String(object.size),
  });
}

/** If-Range (RFC 9110 section 13.1.5): a range of another version is answered with the whole. */
function rangeStillMeant(request: S3Request, object: StoredObject): boolean {
  const validator = request.header("if-range");
  if (validator === undefined) return true;
  if (validator.startsWith('"')) return validator === `"${object.etag}"`;
  return Date.parse(validator) === Math.floor(object.modifiedAt / 1000) * 1000;
}

function writeHeaders(request: S3Request, object: StoredObject): void {
  const { response } = request.exchange;
  for (const [name, value] of Object.entries(object.headers)) response.setHeader(name, value);
  for (const name of overridable) {
    const override = request.query(`response-${name}`);
    if (override !== undefined) response.setHeader(name, override);
  }
  response.setHeader("etag", `"${object.etag}"`);
  response.setHeader("last-modified", new Date(object.modifiedAt).toUTCString());
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("x-amz-server-side-encryption", "AES256");
}

/** Buckets here keep no versions: every object has the version `null`. */
function refuseVersion(request: S3Request): void {
  const versionId = request.query("versionId");
  if (versionId === undefined || versionId === "null") return;
  throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404, {
    Key: request.key,
    VersionId: versionId,
  });
}

function isGoneClient(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET" || code === "EPIPE";
}
