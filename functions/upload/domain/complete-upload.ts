import { DomainError } from "../../platform/errors.ts";
import type { UploadPorts, UploadRecord } from "../ports.ts";
import {
  type DeclaredPart,
  fingerprintOf,
  judgeCompletion,
  type StoredPart,
} from "./completion.ts";
import { abortedError, completedError, findUpload, requireOpen } from "./find-upload.ts";

export interface CompleteUploadCommand {
  readonly owner: string;
  readonly uploadId: string;
  readonly parts: readonly DeclaredPart[];
}

/**
 * Makes the parts one file. May be repeated: the same parts get the same answer, also when the
 * first answer was lost, or is still on its way.
 *
 * @throws NotFoundError, DomainError parts-missing, part-mismatch, size-mismatch, upload-completed,
 *   upload-aborted
 */
export const completeUpload = async (
  ports: UploadPorts,
  { owner, uploadId, parts }: CompleteUploadCommand,
): Promise<{ readonly videoId: string }> => {
  const { store, storage } = ports;
  const fingerprint = fingerprintOf(parts);
  const found = await findUpload(store, owner, uploadId);
  if (found.state === "completed") return answerAgain(found, fingerprint);

  const upload = requireOpen(found);
  const stored = await allParts(ports, upload.videoId, upload.storageId);
  if (!stored) return finishWhatSucceeded(ports, owner, uploadId, fingerprint);

  const verdict = judgeCompletion(upload, parts, stored);
  if (!verdict.ok) throw new DomainError(verdict.code, verdict.detail);

  await store.intendCompletion(uploadId, fingerprint);
  const { videoId, storageId, size } = upload;
  const outcome = await storage.complete({ videoId, storageId, parts: verdict.parts, size });
  switch (outcome) {
    case "completed":
      await store.markCompleted(uploadId, fingerprint);
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

const answerAgain = (upload: UploadRecord, fingerprint: string) => {
  if (upload.completedParts !== fingerprint) throw completedError();
  return { videoId: upload.videoId };
};

/**
 * The store has closed the multipart upload. Either a completion succeeded whose end we never
 * heard, and the file is there, or it was aborted. What the completion named was written down before.
 */
const finishWhatSucceeded = async (
  { store, storage }: UploadPorts,
  owner: string,
  uploadId: string,
  fingerprint: string,
) => {
  const upload = await findUpload(store, owner, uploadId);
  if (upload.state !== "completed") {
    const size = await storage.sizeOf(upload.videoId);
    if (size !== upload.size || upload.completedParts === undefined) throw abortedError();
    await store.markCompleted(uploadId, upload.completedParts);
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
