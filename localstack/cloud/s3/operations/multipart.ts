import { elementOf, headerOf } from "../checksums/algorithms.ts";
import { uploadChecksum } from "../checksums/request-checksum.ts";
import type { S3Environment } from "../environment.ts";
import { invalidRequest, noSuchUpload, notImplemented } from "../errors.ts";
import { afterPrefix } from "../key-order.ts";
import type { S3Request } from "../request.ts";
import type { Upload } from "../storage/upload-store.ts";
import { headersToStore } from "../stored-headers.ts";
import { answerXml } from "../xml.ts";
import { keyEncoder } from "./list-objects.ts";
import { receiveBlob } from "./write-object.ts";

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
  if (request.header("x-amz-copy-source") !== undefined) throw notImplemented("UploadPartCopy");
  const upload = findUpload(environment, request);
  const number = request.queryNumber("partNumber", 0, 1, mostParts);
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
  const { blob, size, md5, checksum } = received;
  try {
    environment.commit(() => {
      // It may have been completed or aborted while the body came.
      findUpload(environment, request);
      const kept = upload.checksum ? checksum?.value : undefined;
      const part = { number, size, blob, md5, checksum: kept };
      return { result: undefined, freed: environment.uploads.putPart(upload.id, part) };
    });
  } catch (error) {
    await environment.blobs.remove([blob]);
    throw error;
  }
  const { response } = request.exchange;
  response.setHeader("etag", `"${md5}"`);
  response.setHeader("x-amz-server-side-encryption", "AES256");
  if (checksum) response.setHeader(headerOf(checksum.algorithm), checksum.value);
  response.end();
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
  if (request.query("delimiter")) throw notImplemented("The delimiter of ListMultipartUploads");
  const prefix = request.query("prefix") ?? "";
  const keyMarker = request.query("key-marker") ?? "";
  const idMarker = request.query("upload-id-marker") ?? "";
  const limit = Math.min(request.queryNumber("max-uploads", mostListed, 0, 2 ** 29), mostListed);
  const encode = keyEncoder(request);
  const found = environment.uploads.page({
    bucket,
    from: prefix,
    below: afterPrefix(prefix),
    afterKey: keyMarker,
    // Without an id, the whole key of the marker has been seen. Ids are hexadecimal.
    afterId: keyMarker !== "" && idMarker === "" ? "z" : idMarker,
    limit: limit + 1,
  });
  const uploads = found.slice(0, limit);
  const truncated = limit > 0 && found.length > limit;
  const last = truncated ? uploads.at(-1) : undefined;
  const owner = { ID: environment.context.accountId };
  answerXml(request.exchange.response, "ListMultipartUploadsResult", {
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last && encode(last.key),
    NextUploadIdMarker: last?.id,
    Prefix: encode(prefix),
    EncodingType: request.query("encoding-type"),
    MaxUploads: limit,
    IsTruncated: truncated,
    Upload: uploads.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: owner,
      Owner: owner,
      StorageClass: "STANDARD",
      Initiated: new Date(upload.initiatedAt).toISOString(),
      ChecksumAlgorithm: upload.checksum?.algorithm,
      ChecksumType: upload.checksum?.type,
    })),
  });
}

/** @throws AwsError NoSuchBucket, NoSuchUpload */
function findUpload(environment: S3Environment, request: S3Request): Upload {
  environment.buckets.get(request.bucket);
  const id = request.query("uploadId") ?? "";
  const upload = environment.uploads.find(id);
  if (!upload || upload.bucket !== request.bucket || upload.key !== request.key) {
    throw noSuchUpload(id);
  }
  return upload;
}
