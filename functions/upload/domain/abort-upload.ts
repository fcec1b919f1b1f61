import type { UploadPorts } from "../ports.ts";
import { endUpload } from "./end-upload.ts";
import { completedError, findUpload } from "./find-upload.ts";

/**
 * Gives up an upload: its parts go, and nobody sees its video again. May be repeated.
 *
 * @throws NotFoundError, DomainError upload-completed
 */
export const abortUpload = async (
  ports: UploadPorts,
  { owner, uploadId }: { owner: string; uploadId: string },
): Promise<void> => {
  const upload = await findUpload(ports.store, owner, uploadId);
  if (upload.state === "completed" || (await endUpload(ports, upload)) === "completed")
    throw completedError();
};
