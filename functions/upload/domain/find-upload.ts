import { DomainError, NotFoundError } from "../../platform/errors.ts";
import type { UploadRecord, UploadStore } from "../ports.ts";

export type OpenUpload = UploadRecord & { readonly storageId: string };

/** @throws NotFoundError also when the upload is another owner's */
export const findUpload = async (
  store: UploadStore,
  owner: string,
  uploadId: string,
): Promise<UploadRecord> => {
  const upload = await store.find(owner, uploadId);
  if (!upload) throw new NotFoundError("upload");
  return upload;
};

/** @throws DomainError upload-completed, upload-aborted, NotFoundError */
export const requireOpen = (upload: UploadRecord): OpenUpload => {
  if (upload.state === "completed") throw completedError();
  if (upload.state === "aborted") throw abortedError();
  // Without the store's id, create-upload has not answered yet: nobody was told of this upload.
  if (upload.storageId === undefined) throw new NotFoundError("upload");
  return { ...upload, storageId: upload.storageId };
};

const hourMs = 60 * 60_000;

/** Notes that the uploader is still there, once an hour: the sweeper ends what nobody goes on with. */
export const keepAlive = async (
  store: UploadStore,
  upload: UploadRecord,
  now: Date,
): Promise<void> => {
  if (now.getTime() - upload.activeAt.getTime() > hourMs) await store.touch(upload.uploadId);
};

export const completedError = () =>
  new DomainError("upload-completed", "The upload is complete; it takes no more parts.");

export const abortedError = () =>
  new DomainError(
    "upload-aborted",
    "The upload was aborted or waited too long. Begin a new one, with a new key.",
  );
