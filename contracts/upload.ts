import { z } from "zod";
import { plainText } from "./plain-text.ts";
import { dispatchSchema } from "./video.ts";

export const MiB = 1024 * 1024;

/** Amazon S3 multipart upload limits (AWS: "Amazon S3 multipart upload limits"). */
export const s3Limits = { maxParts: 10_000, minPartBytes: 5 * MiB, maxPartBytes: 5 * 1024 * MiB };

/** Links for at most this many parts are signed by one request. */
export const maxPartsPerSignRequest = 100;

const partNumber = z.int().min(1).max(s3Limits.maxParts);
const etag = z.string().min(1).max(200);

/** `POST /api/uploads`, with the header `Idempotency-Key`. */
export const createUploadRequestSchema = z.strictObject({
  fileName: plainText(255),
  /** Bytes of the whole file; absent when they cannot be known before the end, as of a pipe. */
  size: z.int().min(0).optional(),
  contentType: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[ -~]*$/, "Only printable ASCII is allowed.")
    .optional(),
  title: plainText(200).optional(),
  /** Default: what the deployment chose. */
  dispatch: dispatchSchema.optional(),
});
export type CreateUploadRequest = z.infer<typeof createUploadRequestSchema>;

/** 201, or 200 when the same Idempotency-Key made this upload before. */
export const uploadSchema = z.strictObject({
  uploadId: z.uuid(),
  videoId: z.uuid(),
  size: z.int(),
  /** Bytes of every part but the last. */
  partSize: z.int(),
  partCount: z.int(),
});
export type Upload = z.infer<typeof uploadSchema>;

/** The same for an upload that was created without a size. */
export const streamUploadSchema = z.strictObject({
  uploadId: z.uuid(),
  videoId: z.uuid(),
  /** Bytes of every part but the last. */
  partSize: z.int(),
  /** No link reaches beyond this many bytes. */
  maxBytes: z.int(),
});
export type StreamUpload = z.infer<typeof streamUploadSchema>;

export const createUploadResponseSchema = z.union([uploadSchema, streamUploadSchema]);

/** `POST /api/uploads/{uploadId}/parts/sign`. */
export const signPartsRequestSchema = z.strictObject({
  partNumbers: z.array(partNumber).min(1).max(maxPartsPerSignRequest),
  /** The one short part of an upload without a size, named among `partNumbers` once its length is known. */
  lastPart: z.strictObject({ partNumber, size: z.int().min(1) }).optional(),
});
export type SignPartsRequest = z.infer<typeof signPartsRequestSchema>;

/** Links bind method, key, upload, part number and length: a PUT of another length is refused. */
export const signPartsResponseSchema = z.strictObject({
  parts: z.array(z.strictObject({ partNumber, url: z.url(), contentLength: z.int() })),
  expiresAt: z.iso.datetime(),
});
export type SignPartsResponse = z.infer<typeof signPartsResponseSchema>;

export const listPartsQuerySchema = z.strictObject({
  /** The last part number already known; 0 begins at the first. */
  after: z.coerce.number().int().min(0).max(s3Limits.maxParts).default(0),
});

/** `GET /api/uploads/{uploadId}/parts?after=N`: what S3 holds already, in order. */
export const listPartsResponseSchema = z.strictObject({
  parts: z.array(z.strictObject({ partNumber, size: z.int(), etag })),
  /** Pass as `after` to read on; absent on the last page. */
  nextAfter: z.int().optional(),
});
export type ListPartsResponse = z.infer<typeof listPartsResponseSchema>;

/** `POST /api/uploads/{uploadId}/complete`. Repeating it with the same parts gives the same answer. */
export const completeUploadRequestSchema = z.strictObject({
  parts: z.array(z.strictObject({ partNumber, etag })).min(1).max(s3Limits.maxParts),
  /** Bytes of the whole file: demanded when the upload was created without them. */
  size: z.int().min(1).optional(),
});
export type CompleteUploadRequest = z.infer<typeof completeUploadRequestSchema>;

/** 202: accepted, planning begins when S3 reports the object. */
export const completeUploadResponseSchema = z.strictObject({ videoId: z.uuid() });
export type CompleteUploadResponse = z.infer<typeof completeUploadResponseSchema>;
