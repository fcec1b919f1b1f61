import { elementOf } from "../checksums/algorithms.ts";
import type { S3Environment } from "../environment.ts";
import { invalidArgument, invalidRequest, notImplemented } from "../errors.ts";
import type { S3Request } from "../request.ts";
import { headersToStore } from "../stored-headers.ts";
import { answerXml } from "../xml.ts";
import { findCopySource } from "./copy-source.ts";
import { checkWriteConditions, requesterOf } from "./write-object.ts";

const largestCopy = 5 * 1024 ** 3;

/** Lets a second key name the same bytes: no byte is read or written. */
export async function copyObject(environment: S3Environment, request: S3Request): Promise<void> {
  const { bucket, key } = request;
  const directive = request.header("x-amz-metadata-directive") ?? "COPY";
  if (directive !== "COPY" && directive !== "REPLACE") {
    throw invalidArgument("x-amz-metadata-directive", directive, "Unknown metadata directive.");
  }
  if (request.header("x-amz-checksum-algorithm") !== undefined) {
    throw notImplemented("A new checksum of a copy (x-amz-checksum-algorithm)");
  }
  const copied = environment.commit(() => {
    environment.buckets.get(bucket);
    const source = findCopySource(environment, request);
    if (source.bucket === bucket && source.key === key && directive === "COPY") {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    if (source.size > largestCopy) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${largestCopy}`,
      );
    }
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
