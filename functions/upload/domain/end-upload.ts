import type { UploadPorts, UploadRecord } from "../ports.ts";

/** What is needed of an upload to end it. */
export type EndingUpload = Pick<
  UploadRecord,
  "uploadId" | "videoId" | "storageId" | "completedParts"
>;

/**
 * Gives an open upload up: its parts go, and nobody sees its video again. Unless a completion has won
 * at the store, maybe without having told the database: then it is finished instead.
 */
export const endUpload = async (
  ports: UploadPorts,
  upload: EndingUpload,
): Promise<"aborted" | "completed"> => {
  // First, since after it no completion can win any more.
  if (upload.storageId !== undefined) await ports.storage.abort(upload.videoId, upload.storageId);
  if (await finishIfArrived(ports, upload)) return "completed";
  await ports.store.markAborted(upload.uploadId);
  return "aborted";
};

/** Closes an upload whose file is there. Answers whether it is. */
export const finishIfArrived = async (
  { store, storage }: UploadPorts,
  { uploadId, videoId, completedParts }: EndingUpload,
): Promise<boolean> => {
  const size = await storage.sizeOf(videoId);
  if (size === undefined) return false;
  // A completion says which parts it means before it asks the store.
  await store.markCompleted(uploadId, completedParts ?? "", size);
  return true;
};
