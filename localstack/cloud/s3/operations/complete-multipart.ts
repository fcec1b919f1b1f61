import { createHash } from "node:crypto";
import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import {
  type Checksum,
  type ChecksumAlgorithm,
  createDigest,
  elementOf,
  headerOf,
} from "../checksums/algorithms.ts";
import { combineChecksums } from "../checksums/combine.ts";
import { expectedChecksum } from "../checksums/request-checksum.ts";
import type { S3Environment } from "../environment.ts";
import { invalidRequest, noSuchUpload } from "../errors.ts";
import type { S3Request } from "../request.ts";
import type { StoredObject, StoredPart } from "../storage/object-store.ts";
import type { Upload } from "../storage/upload-store.ts";
import { answerXml, parseXml } from "../xml.ts";
import { mostParts } from "./multipart.ts";
import { checkWriteConditions, requesterOf } from "./write-object.ts";

const smallestPart = 5 * 1024 * 1024;
const largestObject = 50 * 1024 ** 4;
const largestBody = 8 * 1024 * 1024;

const completeSchema = z.strictObject({
  Part: z
    .array(
      z.strictObject({
        PartNumber: z.coerce.number().int().min(1).max(mostParts),
        ETag: z.string().min(1),
        ChecksumCRC32: z.string().optional(),
        ChecksumCRC32C: z.string().optional(),
        ChecksumCRC64NVME: z.string().optional(),
        ChecksumSHA1: z.string().optional(),
        ChecksumSHA256: z.string().optional(),
      }),
    )
    .min(1)
    .max(mostParts),
});
type WantedPart = z.infer<typeof completeSchema>["Part"][number];

/** Makes an object of the parts: a record of where each lies, whatever their size. */
export async function completeMultipartUpload(
  environment: S3Environment,
  request: S3Request,
): Promise<void> {
  const { bucket, key } = request;
  const id = request.query("uploadId") ?? "";
  environment.buckets.get(bucket);
  const body = await request.exchange.body(largestBody);
  const { Part: wanted } = parseXml(body, "CompleteMultipartUpload", ["Part"], completeSchema);

  const object = environment.commit(() => {
    const upload = environment.uploads.find(id);
    if (!upload) return { result: completedBefore(environment, request, id, wanted), freed: [] };
    if (upload.bucket !== bucket || upload.key !== key) throw noSuchUpload(id);
    checkWriteConditions(environment, request);
    return complete(environment, request, upload, wanted);
  });

  const { checksum } = object;
  const { response } = request.exchange;
  response.setHeader("x-amz-server-side-encryption", "AES256");
  answerXml(response, "CompleteMultipartUploadResult", {
    Location: `${environment.context.endpoint()}/${bucket}/${encodeURI(key)}`,
    Bucket: bucket,
    Key: key,
    ETag: `"${object.etag}"`,
    ...(checksum && {
      ChecksumType: checksum.type,
      [elementOf(checksum.algorithm)]: checksum.value,
    }),
  });
}

type Completed = Pick<StoredObject, "etag" | "checksum">;

function complete(
  environment: S3Environment,
  request: S3Request,
  upload: Upload,
  wanted: readonly WantedPart[],
): { result: Completed; freed: readonly string[] } {
  const { bucket, key, id, headers } = upload;
  const all = environment.uploads.parts(id, 0, mostParts);
  const chosen = chooseParts(all, wanted, upload.checksum?.algorithm);
  const size = chosen.reduce((sum, part) => sum + part.size, 0);
  checkSize(request, size);
  const etag = etagOfParts(chosen);
  const checksum = upload.checksum && checksumOfParts(upload.checksum, chosen);
  checkWholeChecksum(request, checksum);

  const dropped = environment.uploads.finish(id, chosen, all);
  environment.objects.addPartedContent(id, { etag, size, checksum }, chosen.length);
  const replaced = environment.objects.point(bucket, key, id, headers);
  environment.notifications.record({
    name: "ObjectCreated:CompleteMultipartUpload",
    bucket,
    key,
    object: { size, etag },
    requester: requesterOf(request),
  });
  return { result: { etag, checksum }, freed: [...dropped, ...replaced] };
}

/** A repeat whose first answer was lost: the same answer again, while its object stands. */
function completedBefore(
  environment: S3Environment,
  request: S3Request,
  id: string,
  wanted: readonly WantedPart[],
): Completed {
  const object = environment.objects.find(request.bucket, request.key);
  if (object?.contentId !== id) throw noSuchUpload(id);
  const parts = environment.uploads.parts(id, 0, mostParts);
  const same =
    parts.length === wanted.length &&
    parts.every((part, index) => {
      const other = wanted[index];
      return other?.PartNumber === part.number && unquote(other.ETag) === part.md5;
    });
  if (!same) throw noSuchUpload(id);
  return object;
}

/** @throws AwsError InvalidPartOrder, InvalidPart, EntityTooSmall */
function chooseParts(
  all: readonly StoredPart[],
  wanted: readonly WantedPart[],
  algorithm: ChecksumAlgorithm | undefined,
): StoredPart[] {
  const byNumber = new Map(all.map((part) => [part.number, part]));
  const chosen = wanted.map((one, index) => {
    if (index > 0 && one.PartNumber <= (wanted[index - 1]?.PartNumber ?? 0)) {
      throw new AwsError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
      );
    }
    const part = byNumber.get(one.PartNumber);
    const checksum = algorithm && one[elementOf(algorithm)];
    if (
      !part ||
      unquote(one.ETag) !== part.md5 ||
      (checksum !== undefined && checksum !== part.checksum)
    ) {
      throw new AwsError(
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
        { PartNumber: String(one.PartNumber), ETag: one.ETag },
      );
    }
    return part;
  });
  for (const part of chosen.slice(0, -1)) {
    if (part.size >= smallestPart) continue;
    throw new AwsError(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
      400,
      {
        ProposedSize: String(part.size),
        MinSizeAllowed: String(smallestPart),
        PartNumber: String(part.number),
        ETag: part.md5,
      },
    );
  }
  return chosen;
}

function checkSize(request: S3Request, size: number): void {
  const declared = request.header("x-amz-mp-object-size");
  if (declared !== undefined && declared !== String(size)) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${declared} does not match what was computed: ${size}`,
    );
  }
  if (size > largestObject) {
    throw new AwsError(
      "EntityTooLarge",
      "Your proposed upload exceeds the maximum allowed object size.",
    );
  }
}

function checkWholeChecksum(request: S3Request, actual: Checksum | undefined): void {
  const type = request.header("x-amz-checksum-type")?.toUpperCase();
  if (type !== undefined && type !== actual?.type) {
    throw invalidRequest(
      `The upload was created using the ${actual?.type ?? "null"} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const expected = expectedChecksum(request);
  if (!expected) return;
  if (expected.algorithm !== actual?.algorithm || expected.value !== actual.value) {
    throw new AwsError(
      "BadDigest",
      `The ${headerOf(expected.algorithm)} you specified did not match the calculated checksum.`,
    );
  }
}

/** The MD5 of the MD5s of the parts, and their number. */
function etagOfParts(parts: readonly StoredPart[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part.md5, "hex");
  return `${hash.digest("hex")}-${parts.length}`;
}

function checksumOfParts(
  { algorithm, type }: NonNullable<Upload["checksum"]>,
  parts: readonly StoredPart[],
): Checksum {
  const checksums = parts.map((part) => ({
    checksum: Buffer.from(part.checksum ?? "", "base64"),
    size: part.size,
  }));
  if (type === "FULL_OBJECT") {
    const value = combineChecksums(algorithm, checksums)?.toString("base64") ?? "";
    return { algorithm, type, value };
  }
  const digest = createDigest(algorithm);
  for (const { checksum } of checksums) digest.update(checksum);
  return { algorithm, type, value: `${digest.digest().toString("base64")}-${parts.length}` };
}

function unquote(etag: string): string {
  return etag.replace(/^"(.*)"$/, "$1");
}
