import { uriEscape } from "../../http/index.ts";
import type { S3Environment } from "../environment.ts";
import { invalidArgument } from "../errors.ts";
import { afterKey } from "../key-order.ts";
import { listPage } from "../list-page.ts";
import type { S3Request } from "../request.ts";
import { answerXml } from "../xml.ts";

const mostKeys = 1000;

/** ListObjectsV2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjects(environment: S3Environment, request: S3Request): Promise<void> {
  const { bucket } = request;
  environment.buckets.get(bucket);
  const prefix = request.query("prefix") ?? "";
  const delimiter = request.query("delimiter") ?? "";
  const startAfter = request.query("start-after") ?? "";
  const token = request.query("continuation-token");
  const limit = Math.min(request.queryNumber("max-keys", mostKeys, 0, 2 ** 29), mostKeys);
  const encode = keyEncoder(request);
  const from =
    token !== undefined ? readToken(token) : startAfter === "" ? "" : afterKey(startAfter);

  const page = listPage({ prefix, delimiter, from, limit }, (start, below, count) =>
    environment.objects.page(bucket, start, below, count),
  );
  answerXml(request.exchange.response, "ListBucketResult", {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: request.query("encoding-type"),
    KeyCount: page.items.length + page.commonPrefixes.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : writeToken(page.next),
    StartAfter: startAfter === "" ? undefined : encode(startAfter),
    Contents: page.items.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.modifiedAt).toISOString(),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum?.type,
      Size: object.size,
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: page.commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
  });
}

/** How keys are written: as they are, or escaped for `encoding-type=url`. */
export function keyEncoder(request: S3Request): (key: string) => string {
  const encoding = request.query("encoding-type");
  if (encoding === undefined) return (key) => key;
  if (encoding !== "url") {
    throw invalidArgument(
      "encoding-type",
      encoding,
      "Invalid Encoding Method specified in Request",
    );
  }
  return (key) => uriEscape(key).replaceAll("%2F", "/");
}

function writeToken(next: string): string {
  return Buffer.from(next, "utf8").toString("base64url");
}

function readToken(token: string): string {
  const bytes = Buffer.from(token, "base64url");
  if (token === "" || bytes.toString("base64url") !== token) {
    throw invalidArgument(
      "continuation-token",
      token,
      "The continuation token provided is incorrect",
    );
  }
  return bytes.toString("utf8");
}
