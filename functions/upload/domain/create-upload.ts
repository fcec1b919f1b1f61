import { createHash } from "node:crypto";
import type { CreateUploadRequest, Dispatch, StreamUpload, Upload } from "@sluice/contracts";
import { DomainError } from "../../platform/errors.ts";
import type { UploadPorts, UploadRecord } from "../ports.ts";
import { abortedError } from "./find-upload.ts";
import { partCountOf, partSizeFor, streamPartSize } from "./parts.ts";
import { largestStream } from "./stream-parts.ts";

export interface CreateUploadCommand {
  readonly owner: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
  readonly request: CreateUploadRequest;
  readonly maxBytes: number;
  /** Of a video whose request leaves it open. */
  readonly defaultDispatch: Dispatch;
  readonly newId: () => string;
}

/**
 * Begins an upload, or continues the one that this key began: the rows are written first and the
 * store's id is attached after, so that a crash between them is mended by the caller's retry.
 *
 * @throws DomainError file-empty, file-too-large, idempotency-key-reused, upload-aborted
 */
export const createUpload = async (
  { store, storage }: UploadPorts,
  command: CreateUploadCommand,
): Promise<{ readonly upload: Upload | StreamUpload; readonly created: boolean }> => {
  const { request, newId, maxBytes } = command;
  if (request.size !== undefined) refuseSize(request.size, maxBytes);

  const uploadId = newId();
  const requestHash = hashOf(request);
  const record = await store.create({
    uploadId,
    videoId: newId(),
    owner: command.owner,
    title: request.title ?? titleOf(request.fileName),
    fileName: request.fileName,
    size: request.size,
    dispatch: request.dispatch ?? command.defaultDispatch,
    partSize: request.size === undefined ? streamPartSize : partSizeFor(request.size),
    idempotencyKey: command.idempotencyKey,
    requestHash,
    correlationId: command.correlationId,
  });
  if (record.requestHash !== requestHash) {
    throw new DomainError(
      "idempotency-key-reused",
      "This Idempotency-Key came with another request before. Use a new key for a new upload.",
    );
  }
  if (record.state === "aborted") throw abortedError();
  if (record.storageId === undefined) {
    await openStorage({ store, storage }, record, request.contentType);
  }
  return {
    upload: answerOf(record, request.size, maxBytes),
    created: record.uploadId === uploadId,
  };
};

const answerOf = (
  { uploadId, videoId, partSize }: UploadRecord,
  size: number | undefined,
  maxBytes: number,
): Upload | StreamUpload =>
  size === undefined
    ? { uploadId, videoId, partSize, maxBytes: Math.min(maxBytes, largestStream) }
    : { uploadId, videoId, size, partSize, partCount: partCountOf({ size, partSize }) };

const openStorage = async (
  { store, storage }: UploadPorts,
  { uploadId, videoId }: UploadRecord,
  contentType: string | undefined,
) => {
  const opened = await storage.open(videoId, contentType);
  const attached = await store.attachStorage(uploadId, opened);
  // The same request twice at a time, or an abort in between: ours is not the one that counts.
  if (attached !== opened) await storage.abort(videoId, opened);
  if (attached === undefined) throw abortedError();
};

const refuseSize = (size: number, maxBytes: number) => {
  if (size === 0) throw new DomainError("file-empty", "The file holds no bytes. Choose another.");
  if (size > maxBytes) {
    throw new DomainError(
      "file-too-large",
      `The file has ${size} bytes; at most ${maxBytes} are taken.`,
    );
  }
};

/** What was left open is not in it: another default, or a later version's field, is no other request. */
const hashOf = ({ fileName, size, contentType, title, dispatch }: CreateUploadRequest) =>
  createHash("sha256")
    .update(
      JSON.stringify([
        ...[fileName, size ?? null, contentType ?? null, title ?? null],
        ...(dispatch ? [{ dispatch }] : []),
      ]),
    )
    .digest("hex");

/** `holiday.film.mp4` is shown as `holiday.film`. */
const titleOf = (fileName: string) => fileName.replace(/(?<=.)\.[^.]{1,10}$/, "").slice(0, 200);
