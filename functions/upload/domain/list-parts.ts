import type { ListPartsResponse } from "@sluice/contracts";
import type { UploadPorts } from "../ports.ts";
import { abortedError, findUpload, keepAlive, requireOpen } from "./find-upload.ts";

/**
 * What the store holds already, a page of at most 1,000: how an interrupted upload goes on.
 *
 * @throws NotFoundError, DomainError upload-completed, upload-aborted
 */
export const listParts = async (
  { store, storage }: UploadPorts,
  { owner, uploadId, after, now }: { owner: string; uploadId: string; after: number; now: Date },
): Promise<ListPartsResponse> => {
  const upload = requireOpen(await findUpload(store, owner, uploadId));
  await keepAlive(store, upload, now);
  const page = await storage.listParts(upload.videoId, upload.storageId, after);
  if (!page) throw abortedError();
  return {
    parts: page.parts,
    ...(page.nextAfter === undefined ? {} : { nextAfter: page.nextAfter }),
  };
};
