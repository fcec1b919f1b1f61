import { elementOf } from "../checksums/algorithms.ts";
import { BodyVerifier } from "../checksums/request-checksum.ts";
import type { S3Environment } from "../environment.ts";
import { invalidArgument, invalidRequest } from "../errors.ts";
import { sliceParts } from "../range.ts";
import type { S3Request } from "../request.ts";
import type { StoredObject } from "../storage/object-store.ts";
import { answerXml } from "../xml.ts";
import { findCopySource } from "./copy-source.ts";
import { findUpload, storePart } from "./multipart.ts";

const largestPart = 5 * 1024 ** 3;

/**
 * A part whose bytes come from an object. They are copied: a part has an ETag of its own, which is
 * the MD5 of its bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 */
export async function uploadPartCopy(
  environment: S3Environment,
  request: S3Request,
): Promise<void> {
  const { blobs, context, objects } = environment;
  const upload = findUpload(environment, request);
  const source = findCopySource(environment, request);
  const { first, last } = copyRange(request, source);

  const slices =
    last < first ? [] : sliceParts(objects.partsWithin(source.contentId, first, last), first, last);
  const release = blobs.hold(slices.map(({ blob }) => blob));
  const verifier = new BodyVerifier(request, upload.checksum?.algorithm);
  const { blob, size } = await blobs
    .write(blobs.read(slices), verifier.digests)
    .finally(() => release());
  const { md5, checksum } = verifier.finish(new Map());
  await storePart(environment, request, { blob, size, md5, checksum });

  answerXml(request.exchange.response, "CopyPartResult", {
    ETag: `"${md5}"`,
    LastModified: new Date(context.clock.now()).toISOString(),
    ...(checksum && { [elementOf(checksum.algorithm)]: checksum.value }),
  });
}

/** `x-amz-copy-source-range: bytes=first-last`, both given and inside the object; else all of it. */
function copyRange(
  request: S3Request,
  source: StoredObject,
): { readonly first: number; readonly last: number } {
  const name = "x-amz-copy-source-range";
  const header = request.header(name);
  const [first, last] =
    header === undefined
      ? [0, source.size - 1]
      : (/^bytes=(\d{1,15})-(\d{1,15})$/.exec(header)?.slice(1).map(Number) ?? []);
  if (first === undefined || last === undefined) {
    throw invalidArgument(
      name,
      header ?? "",
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    );
  }
  if (header !== undefined && (first > last || last >= source.size)) {
    throw invalidArgument(
      name,
      header,
      `Range specified is not valid for source object of size: ${source.size}`,
    );
  }
  if (last - first + 1 > largestPart) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${largestPart}`,
    );
  }
  return { first, last };
}
