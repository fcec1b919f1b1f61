import { elementOf, headerOf } from "../checksums/algorithms.ts";
import { uploadChecksum } from "../checksums/request-checksum.ts";
import type { S3Environment } from "../environment.ts";
import { invalidRequest, noSuchUpload } from "../errors.ts";
import { behindMarker, laterKey } from "../key-order.ts";
import { listPage } from "../list-page.ts";
import type { S3Request } from "../request.ts";
import type { Upload } from "../storage/upload-store.ts";
import { headersToStore } from "../stored-headers.ts";
import { answerXml } from "../xml.ts";
import { keyEncoder } from "./list-objects.ts";
import { type ReceivedBlob, receiveBlob } from "./write-object.ts";

export const mostParts = 10_000;
const mostListed = 1000;

export async function createMultipartUpload(
  environment: S3Environment,
  request: S3Request,
): Promise<void> {
  const { bucket, key } = request;
  environment.buckets.get(bucket);
  const checksum = uploadChecksum(request);
  const headers = { "content-type": "binary/octet-stream", ...headersToStore(request) };
  const uploadId = environment.commit(() => ({
    result: environment.uploads.create({ bucket, key, headers, checksum }),
    freed: [],
  }));
  const { response } = request.exchange;
  response.setHeader("x-amz-server-side-encryption", "AES256");
  if (checksum) {
    response.setHeader("x-amz-checksum-algorithm", checksum.algorithm);
    response.setHeader("x-amz-checksum-type", checksum.type);
  }
  answerXml(response, "InitiateMultipartUploadResult", {
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
  });
}

export async function uploadPart(environment: S3Environment, request: S3Request): Promise<void> {
  const upload = findUpload(environment, request);
  partNumberOf(request);
  const received = await receiveBlob(environment, request, upload.checksum?.algorithm, (given) => {
    const wanted = upload.checksum;
    const mismatch = wanted
      ? given
        ? given.algorithm !== wanted.algorithm
        : wanted.type === "COMPOSITE"
      : false;
    if (!mismatch) return;
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${wanted?.algorithm.toLowerCase()}, actual checksum Type: ${given?.algorithm.toLowerCase() ?? "null"}`,
    );
  });
  const { md5, checksum } = received;
  await storePart(environment, request, received);
  const { response } = request.exchange;
  response.setHeader("etag", `"${md5}"`);
  response.setHeader("x-amz-server-side-encryption", "AES256");
  if (checksum) response.setHeader(headerOf(checksum.algorithm), checksum.value);
  response.end();
}

/** Makes received bytes a part of their upload, in place of the one of its number. */
export async function storePart(
  environment: S3Environment,
  request: S3Request,
  { blob, size, md5, checksum }: ReceivedBlob,
): Promise<void> {
  try {
    const number = partNumberOf(request);
    environment.commit(() => {
      // It may have been completed or aborted while the bytes came.
      const upload = findUpload(environment, request);
      const kept = upload.checksum ? checksum?.value : undefined;
      const part = { number, size, blob, md5, checksum: kept };
      return { result: undefined, freed: environment.uploads.putPart(upload.id, part) };
    });
  } catch (error) {
    await environment.blobs.remove([blob]);
    throw error;
  }
}

export async function abortMultipartUpload(
  environment: S3Environment,
  request: S3Request,
): Promise<void> {
  environment.commit(() => {
    const upload = findUpload(environment, request);
    return { result: undefined, freed: environment.uploads.abort(upload.id) };
  });
  request.exchange.response.statusCode = 204;
  request.exchange.response.end();
}

export async function listParts(environment: S3Environment, request: S3Request): Promise<void> {
  const upload = findUpload(environment, request);
  const after = request.queryNumber("part-number-marker", 0, 0, 2 ** 29);
  const limit = Math.min(request.queryNumber("max-parts", mostListed, 0, 2 ** 29), mostListed);
  const encode = keyEncoder(request);
  const found = environment.uploads.parts(upload.id, after, limit + 1);
  const parts = found.slice(0, limit);
  const { checksum } = upload;
  const owner = { ID: environment.context.accountId };
  answerXml(request.exchange.response, "ListPartsResult", {
    Bucket: upload.bucket,
    Key: encode(upload.key),
    UploadId: upload.id,
    Initiator: owner,
    Owner: owner,
    StorageClass: "STANDARD",
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    PartNumberMarker: after,
    NextPartNumberMarker: parts.at(-1)?.number ?? after,
    MaxParts: limit,
    IsTruncated: limit > 0 && found.length > limit,
    Part: parts.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modifiedAt).toISOString(),
      ETag: `"${part.md5}"`,
      Size: part.size,
      ...(checksum && { [elementOf(checksum.algorithm)]: part.checksum }),
    })),
  });
}

export async function listMultipartUploads(
  environment: S3Environment,
  request: S3Request,
): Promise<void> {
  const { bucket } = request;
  environment.buckets.get(bucket);
  const prefix = request.query("prefix") ?? "";
  const delimiter = request.query("delimiter") ?? "";
  const keyMarker = request.query("key-marker") ?? "";
  const idMarker = request.query("upload-id-marker") ?? "";
  const limit = Math.min(request.queryNumber("max-uploads", mostListed, 0, 2 ** 29), mostListed);
  const encode = keyEncoder(request);
  // With an id, more uploads of the marker's own key may follow.
  const from = idMarker === "" ? behindMarker(keyMarker, prefix, delimiter) : keyMarker;
  const page = listPage({ prefix, delimiter, from, limit }, (start, below, count) =>
    environment.uploads.page({
      bucket,
      from: start,
      below,
      afterKey: keyMarker,
      // Without an id, the whole key of the marker has been seen. Ids are hexadecimal.
      afterId: keyMarker !== "" && idMarker === "" ? "z" : idMarker,
      limit: count,
    }),
  );
  const truncated = page.next !== undefined;
  const lastUpload = page.items.at(-1);
  const lastPrefix = page.commonPrefixes.at(-1);
  const last = truncated ? laterKey(lastUpload?.key, lastPrefix) : undefined;
  const owner = { ID: environment.context.accountId };
  answerXml(request.exchange.response, "ListMultipartUploadsResult", {
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last === undefined ? undefined : encode(last),
    NextUploadIdMarker: last !== undefined && last === lastUpload?.key ? lastUpload.id : undefined,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    EncodingType: request.query("encoding-type"),
    MaxUploads: limit,
    IsTruncated: truncated,
    Upload: page.items.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: owner,
      Owner: owner,
      StorageClass: "STANDARD",
      Initiated: new Date(upload.initiatedAt).toISOString(),
      ChecksumAlgorithm: upload.checksum?.algorithm,
      ChecksumType: upload.checksum?.type,
    })),
    CommonPrefixes: page.commonPrefixes.map((folded) => ({ Prefix: encode(folded) })),
  });
}

/** @throws AwsError InvalidArgument */
export function partNumberOf(request: S3Request): number {
  return request.queryNumber("partNumber", 0, 1, mostParts);
}

/** @throws AwsError NoSuchBucket, NoSuchUpload */
export function findUpload(environment: S3Environment, request: S3Request): Upload {
  environment.buckets.get(request.bucket);
  const id = request.query("uploadId") ?? "";
  const upload = environment.uploads.find(id);
  if (!upload || upload.bucket !== request.bucket || upload.key !== request.key) {
    throw noSuchUpload(id);
  }
  return upload;
}
