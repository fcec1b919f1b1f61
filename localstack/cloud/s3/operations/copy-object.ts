import { AwsError } from "../../aws-error.ts";
import { uriUnescape } from "../../http/index.ts";
import { elementOf } from "../checksums/algorithms.ts";
import { judgeRead } from "../conditions.ts";
import type { S3Environment } from "../environment.ts";
import {
  invalidArgument,
  invalidRequest,
  noSuchKey,
  notImplemented,
  preconditionFailed,
} from "../errors.ts";
import type { S3Request } from "../request.ts";
import { headersToStore } from "../stored-headers.ts";
import { answerXml } from "../xml.ts";
import { checkWriteConditions, requesterOf } from "./write-object.ts";

const largestCopy = 5 * 1024 ** 3;

/** Lets a second key name the same bytes: no byte is read or written. */
export async function copyObject(environment: S3Environment, request: S3Request): Promise<void> {
  const { bucket, key } = request;
  const from = parseSource(request.header("x-amz-copy-source") ?? "");
  const directive = request.header("x-amz-metadata-directive") ?? "COPY";
  if (directive !== "COPY" && directive !== "REPLACE") {
    throw invalidArgument("x-amz-metadata-directive", directive, "Unknown metadata directive.");
  }
  if (request.header("x-amz-checksum-algorithm") !== undefined) {
    throw notImplemented("A new checksum of a copy (x-amz-checksum-algorithm)");
  }
  const copied = environment.commit(() => {
    environment.buckets.get(bucket);
    environment.buckets.get(from.bucket);
    const source = environment.objects.find(from.bucket, from.key);
    if (!source) throw noSuchKey(from.key);
    if (from.bucket === bucket && from.key === key && directive === "COPY") {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    if (source.size > largestCopy) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${largestCopy}`,
      );
    }
    const verdict = judgeRead(
      {
        ifMatch: request.header("x-amz-copy-source-if-match"),
        ifNoneMatch: request.header("x-amz-copy-source-if-none-match"),
        ifModifiedSince: request.header("x-amz-copy-source-if-modified-since"),
        ifUnmodifiedSince: request.header("x-amz-copy-source-if-unmodified-since"),
      },
      source,
    );
    if (verdict.kind === "failed")
      throw preconditionFailed(`x-amz-copy-source-${verdict.condition}`);
    if (verdict.kind === "not-modified")
      throw preconditionFailed("x-amz-copy-source-If-None-Match");
    checkWriteConditions(environment, request);

    const headers =
      directive === "COPY"
        ? source.headers
        : { "content-type": "binary/octet-stream", ...headersToStore(request) };
    const freed = environment.objects.point(bucket, key, source.contentId, headers);
    environment.notifications.record({
      name: "ObjectCreated:Copy",
      bucket,
      key,
      object: { size: source.size, etag: source.etag },
      requester: requesterOf(request),
    });
    return { result: source, freed };
  });
  const { checksum } = copied;
  answerXml(request.exchange.response, "CopyObjectResult", {
    ETag: `"${copied.etag}"`,
    LastModified: new Date(environment.context.clock.now()).toISOString(),
    ...(checksum && {
      ChecksumType: checksum.type,
      [elementOf(checksum.algorithm)]: checksum.value,
    }),
  });
}

/** `/bucket/key` or `bucket/key`, percent-encoded, perhaps with `?versionId=null`. */
function parseSource(header: string): { bucket: string; key: string } {
  const [source = "", query = ""] = header.split("?", 2);
  const path = uriUnescape(source).replace(/^\//, "");
  const slash = path.indexOf("/");
  if (slash < 1 || slash === path.length - 1) {
    throw invalidArgument(
      "x-amz-copy-source",
      header,
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    );
  }
  const versionId = new URLSearchParams(query).get("versionId");
  if (versionId !== null && versionId !== "null") {
    throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404);
  }
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
