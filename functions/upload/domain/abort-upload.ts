import type { UploadPorts } from "../ports.ts";
import { completedError, findUpload } from "./find-upload.ts";

/**
 * Gives up an upload: its parts go, and nobody sees its video again. May be repeated.
 *
 * @throws NotFoundError, DomainError upload-completed
 */
export const abortUpload = async (
  { store, storage }: UploadPorts,
  { owner, uploadId }: { owner: string; uploadId: string },
): Promise<void> => {
  const upload = await findUpload(store, owner, uploadId);
  if (upload.state === "completed") throw completedError();
  if (upload.storageId !== undefined) await storage.abort(upload.videoId, upload.storageId);
  // A completion may have won at the store without having told the database yet.
  if ((await storage.sizeOf(upload.videoId)) !== undefined) throw completedError();
  await store.markAborted(uploadId);
};
