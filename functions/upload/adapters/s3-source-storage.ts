import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { StoredPart } from "../domain/completion.ts";
import type { CompletionOutcome, SourceStorage } from "../ports.ts";

const keyOf = (videoId: string) => `sources/${videoId}`;

/** @param linkClient signs links for the address at which clients reach S3 */
export const s3SourceStorage = (
  client: S3Client,
  linkClient: S3Client,
  bucket: string,
): SourceStorage => {
  const at = (videoId: string) => ({ Bucket: bucket, Key: keyOf(videoId) });

  const sizeOf = async (videoId: string) => {
    try {
      return (await client.send(new HeadObjectCommand(at(videoId)))).ContentLength;
    } catch (error) {
      if (isOneOf(error, "NotFound", "NoSuchKey")) return undefined;
      throw error;
    }
  };

  return {
    sizeOf,

    async open(videoId, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          ...at(videoId),
          ...(contentType === undefined ? {} : { ContentType: contentType }),
        }),
      );
      if (UploadId === undefined) throw new Error("S3 opened a multipart upload without an id.");
      return UploadId;
    },

    signPart: ({ videoId, storageId, partNumber, length, expiresInSeconds }) =>
      // The content length becomes a signed header: a body of another length does not fit the link.
      getSignedUrl(
        linkClient,
        new UploadPartCommand({
          ...at(videoId),
          UploadId: storageId,
          PartNumber: partNumber,
          ContentLength: length,
        }),
        { expiresIn: expiresInSeconds },
      ),

    async listParts(videoId, storageId, after) {
      try {
        const page = await client.send(
          new ListPartsCommand({
            ...at(videoId),
            UploadId: storageId,
            PartNumberMarker: String(after),
          }),
        );
        const next = page.IsTruncated ? Number(page.NextPartNumberMarker) : undefined;
        return { parts: (page.Parts ?? []).map(storedPart), nextAfter: next };
      } catch (error) {
        if (isOneOf(error, "NoSuchUpload")) return undefined;
        throw error;
      }
    },

    async complete({ videoId, storageId, parts, size }): Promise<CompletionOutcome> {
      try {
        await client.send(
          new CompleteMultipartUploadCommand({
            ...at(videoId),
            UploadId: storageId,
            MultipartUpload: {
              Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })),
            },
            IfNoneMatch: "*",
            MpuObjectSize: size,
          }),
        );
        return "completed";
      } catch (error) {
        if (isOneOf(error, "InvalidPart", "InvalidPartOrder", "EntityTooSmall")) {
          return "parts-changed";
        }
        // A lost answer, an error inside a 200 (AWS: CompleteMultipartUpload) or a rival completion:
        // what counts is whether the file is there.
        if ((await sizeOf(videoId)) === size) return "completed";
        if (isOneOf(error, "NoSuchUpload")) return "gone";
        throw error;
      }
    },

    async abort(videoId, storageId) {
      try {
        await client.send(new AbortMultipartUploadCommand({ ...at(videoId), UploadId: storageId }));
      } catch (error) {
        if (!isOneOf(error, "NoSuchUpload")) throw error;
      }
    },
  };
};

const storedPart = (part: {
  readonly PartNumber?: number | undefined;
  readonly ETag?: string | undefined;
  readonly Size?: number | undefined;
}): StoredPart => {
  if (part.PartNumber === undefined || part.ETag === undefined || part.Size === undefined) {
    throw new Error("S3 listed a part without number, ETag or size.");
  }
  return { partNumber: part.PartNumber, etag: part.ETag, size: part.Size };
};

const isOneOf = (error: unknown, ...names: readonly string[]) =>
  error instanceof S3ServiceException && names.includes(error.name);
