import { AwsError } from "../../aws-error.ts";
import { uriUnescape } from "../../http/index.ts";
import { judgeRead } from "../conditions.ts";
import type { S3Environment } from "../environment.ts";
import { invalidArgument, noSuchKey, preconditionFailed } from "../errors.ts";
import type { S3Request } from "../request.ts";
import type { StoredObject } from "../storage/object-store.ts";

/**
 * The object that `x-amz-copy-source` names, once its `x-amz-copy-source-if-…` conditions hold.
 * @throws AwsError InvalidArgument, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed
 */
export function findCopySource(environment: S3Environment, request: S3Request): StoredObject {
  const { bucket, key } = parseSource(request.header("x-amz-copy-source") ?? "");
  environment.buckets.get(bucket);
  const source = environment.objects.find(bucket, key);
  if (!source) throw noSuchKey(key);
  const verdict = judgeRead(
    {
      ifMatch: request.header("x-amz-copy-source-if-match"),
      ifNoneMatch: request.header("x-amz-copy-source-if-none-match"),
      ifModifiedSince: request.header("x-amz-copy-source-if-modified-since"),
      ifUnmodifiedSince: request.header("x-amz-copy-source-if-unmodified-since"),
    },
    source,
  );
  if (verdict.kind === "failed") throw preconditionFailed(`x-amz-copy-source-${verdict.condition}`);
  if (verdict.kind === "not-modified") throw preconditionFailed("x-amz-copy-source-If-None-Match");
  return source;
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
