import { DomainError, InvalidRequestError } from "../../platform/errors.ts";
import type { Announce } from "../../webhooks/ports.ts";
import type { UploadPorts, UploadRecord } from "../ports.ts";
import {
  type DeclaredPart,
  fingerprintOf,
  judgeCompletion,
  type StoredPart,
} from "./completion.ts";
import { abortedError, completedError, findUpload, requireOpen } from "./find-upload.ts";
import type { CutFile } from "./parts.ts";

export interface CompleteUploadPorts extends UploadPorts {
  readonly announce: Announce;
}

export interface CompleteUploadCommand {
  readonly owner: string;
  readonly uploadId: string;
  readonly parts: readonly DeclaredPart[];
  /** Bytes of the whole file; undefined when they were declared at the beginning. */
  readonly size?: number | undefined;
}

/**
 * Makes the parts one file. May be repeated: the same parts get the same answer, also when the
 * first answer was lost, or is still on its way.
 *
 * @throws NotFoundError, InvalidRequestError, DomainError parts-missing, part-mismatch, size-mismatch, upload-completed,
 *   upload-aborted
 */
export const completeUpload = async (
  ports: CompleteUploadPorts,
  { owner, uploadId, parts, size }: CompleteUploadCommand,
): Promise<{ readonly videoId: string }> => {
  const { store, storage } = ports;
  const fingerprint = fingerprintOf(parts);
  const found = await findUpload(store, owner, uploadId);
  if (found.state === "completed") return answerAgain(found, fingerprint);

  const upload = requireOpen(found);
  const file = cutFile(upload, size);
  const stored = await allParts(ports, upload.videoId, upload.storageId);
  if (!stored) return finishWhatSucceeded(ports, owner, uploadId, fingerprint);

  const verdict = judgeCompletion(file, parts, stored);
  if (!verdict.ok) throw new DomainError(verdict.code, verdict.detail);

  await store.intendCompletion(uploadId, fingerprint);
  const { videoId, storageId } = upload;
  const outcome = await storage.complete({
    videoId,
    storageId,
    parts: verdict.parts,
    size: file.size,
  });
  switch (outcome) {
    case "completed":
      await store.markCompleted(uploadId, fingerprint, file.size);
      await ports.announce(videoId);
      return { videoId };
    case "gone":
      return finishWhatSucceeded(ports, owner, uploadId, fingerprint);
    case "parts-changed":
      throw new DomainError(
        "part-mismatch",
        "A part was sent again meanwhile. List the parts and complete again.",
      );
  }
};

/** Whoever did not know the size at the beginning says it at the end. */
const cutFile = (upload: UploadRecord, size: number | undefined): CutFile => {
  const known = upload.size ?? size;
  if (known === undefined) {
    throw new InvalidRequestError("The size of this file is not known.", [
      { path: "size", message: "Say how many bytes were sent." },
    ]);
  }
  if (size !== undefined && size !== known) {
    throw new DomainError(
      "size-mismatch",
      `${known} bytes were declared at the beginning, and ${size} at the end.`,
    );
  }
  return { size: known, partSize: upload.partSize };
};

const answerAgain = (upload: UploadRecord, fingerprint: string) => {
  if (upload.completedParts !== fingerprint) throw completedError();
  return { videoId: upload.videoId };
};

/**
 * The store has closed the multipart upload. Either a completion succeeded whose end we never
 * heard, and the file is there, or it was aborted. What the completion named was written down before.
 */
const finishWhatSucceeded = async (
  { store, storage, announce }: CompleteUploadPorts,
  owner: string,
  uploadId: string,
  fingerprint: string,
) => {
  const upload = await findUpload(store, owner, uploadId);
  if (upload.state !== "completed") {
    const size = await storage.sizeOf(upload.videoId);
    const isWhole = size !== undefined && size === (upload.size ?? size);
    if (!isWhole || upload.completedParts === undefined) throw abortedError();
    await store.markCompleted(uploadId, upload.completedParts, size);
    await announce(upload.videoId);
  }
  return answerAgain(upload, fingerprint);
};

const allParts = async (
  { storage }: UploadPorts,
  videoId: string,
  storageId: string,
): Promise<StoredPart[] | undefined> => {
  const parts: StoredPart[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page = await storage.listParts(videoId, storageId, after);
    if (!page) return undefined;
    parts.push(...page.parts);
    after = page.nextAfter;
  }
  return parts;
};
