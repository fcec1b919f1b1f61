import type { S3Environment } from "../environment.ts";
import { behindMarker, laterKey } from "../key-order.ts";
import { listPage } from "../list-page.ts";
import type { S3Request } from "../request.ts";
import { answerXml } from "../xml.ts";
import { ownerOf, readListQuery } from "./list-objects.ts";

/**
 * ListObjectVersions of a bucket without versioning: each object once, as its version `null`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export async function listObjectVersions(
  environment: S3Environment,
  request: S3Request,
): Promise<void> {
  const { prefix, delimiter, limit, encode } = readListQuery(environment, request);
  const marker = request.query("key-marker") ?? "";
  const page = listPage(
    { prefix, delimiter, from: behindMarker(marker, prefix, delimiter), limit },
    (start, below, count) => environment.objects.page(request.bucket, start, below, count),
  );
  const last = laterKey(page.items.at(-1)?.key, page.commonPrefixes.at(-1));
  const next = page.next === undefined || last === undefined ? undefined : encode(last);
  answerXml(request.exchange.response, "ListVersionsResult", {
    Name: request.bucket,
    Prefix: encode(prefix),
    KeyMarker: encode(marker),
    VersionIdMarker: request.query("version-id-marker") ?? "",
    NextKeyMarker: next,
    NextVersionIdMarker: next === undefined ? undefined : "null",
    MaxKeys: limit,
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    EncodingType: request.query("encoding-type"),
    IsTruncated: page.next !== undefined,
    Version: page.items.map((object) => ({
      Key: encode(object.key),
      VersionId: "null",
      IsLatest: true,
      LastModified: new Date(object.modifiedAt).toISOString(),
      ETag: `"${object.etag}"`,
      Size: object.size,
      StorageClass: "STANDARD",
      Owner: ownerOf(environment),
    })),
    CommonPrefixes: page.commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
  });
}
