import { uriEscape } from "../../http/index.ts";
import type { S3Environment } from "../environment.ts";
import { invalidArgument } from "../errors.ts";
import { afterKey, behindMarker, laterKey } from "../key-order.ts";
import { type ListPage, type ListQuery, listPage } from "../list-page.ts";
import type { S3Request } from "../request.ts";
import type { StoredObject } from "../storage/object-store.ts";
import { answerXml } from "../xml.ts";

const mostKeys = 1000;

/** ListObjectsV2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjectsV2(environment: S3Environment, request: S3Request): Promise<void> {
  const list = readListQuery(environment, request);
  const startAfter = request.query("start-after") ?? "";
  const token = request.query("continuation-token");
  const owner = request.query("fetch-owner") === "true" ? ownerOf(environment) : undefined;
  const from =
    token !== undefined ? readToken(token) : startAfter === "" ? "" : afterKey(startAfter);
  const page = pageOf(environment, request, { ...list, from });

  answerXml(request.exchange.response, "ListBucketResult", {
    ...describe(request, list),
    KeyCount: page.items.length + page.commonPrefixes.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : writeToken(page.next),
    StartAfter: startAfter === "" ? undefined : list.encode(startAfter),
    ...contents(page, list.encode, owner),
  });
}

/** ListObjects, the first version. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export async function listObjectsV1(environment: S3Environment, request: S3Request): Promise<void> {
  const list = readListQuery(environment, request);
  const marker = request.query("marker") ?? "";
  const from = behindMarker(marker, list.prefix, list.delimiter);
  const page = pageOf(environment, request, { ...list, from });
  const last = laterKey(page.items.at(-1)?.key, page.commonPrefixes.at(-1));

  answerXml(request.exchange.response, "ListBucketResult", {
    ...describe(request, list),
    Marker: list.encode(marker),
    // Without a delimiter the last key is the next marker, as clients know.
    NextMarker:
      page.next !== undefined && list.delimiter !== "" && last !== undefined
        ? list.encode(last)
        : undefined,
    IsTruncated: page.next !== undefined,
    ...contents(page, list.encode, ownerOf(environment)),
  });
}

interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  readonly encode: (key: string) => string;
}

export function readListQuery(environment: S3Environment, request: S3Request): ListRequest {
  environment.buckets.get(request.bucket);
  return {
    prefix: request.query("prefix") ?? "",
    delimiter: request.query("delimiter") ?? "",
    limit: Math.min(request.queryNumber("max-keys", mostKeys, 0, 2 ** 31 - 1), mostKeys),
    encode: keyEncoder(request),
  };
}

function pageOf(
  environment: S3Environment,
  { bucket }: S3Request,
  query: ListQuery,
): ListPage<StoredObject> {
  return listPage(query, (start, below, count) =>
    environment.objects.page(bucket, start, below, count),
  );
}

/** What both versions repeat of the request. */
function describe(request: S3Request, { prefix, delimiter, limit, encode }: ListRequest) {
  return {
    Name: request.bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: request.query("encoding-type"),
  };
}

function contents(
  page: ListPage<StoredObject>,
  encode: (key: string) => string,
  owner: { readonly ID: string } | undefined,
) {
  return {
    Contents: page.items.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.modifiedAt).toISOString(),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum?.type,
      Size: object.size,
      StorageClass: "STANDARD",
      Owner: owner,
    })),
    CommonPrefixes: page.commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
  };
}

export function ownerOf(environment: S3Environment): { readonly ID: string } {
  return { ID: environment.context.accountId };
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
