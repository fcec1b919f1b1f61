import type { SignPartsResponse } from "@sluice/contracts";
import { InvalidRequestError } from "../../platform/errors.ts";
import type { UploadPorts } from "../ports.ts";
import { findUpload, requireOpen } from "./find-upload.ts";
import { lengthOfPart } from "./parts.ts";

const linkLifeSeconds = 60 * 60;

export interface SignPartsCommand {
  readonly owner: string;
  readonly uploadId: string;
  readonly partNumbers: readonly number[];
  readonly now: Date;
}

/** @throws NotFoundError, InvalidRequestError, DomainError upload-completed */
export const signParts = async (
  { store, storage }: UploadPorts,
  { owner, uploadId, partNumbers, now }: SignPartsCommand,
): Promise<SignPartsResponse> => {
  const upload = requireOpen(await findUpload(store, owner, uploadId));
  const beyond = partNumbers.flatMap((partNumber, index) =>
    partNumber > upload.partCount
      ? [{ path: `partNumbers.${index}`, message: `The file has ${upload.partCount} parts.` }]
      : [],
  );
  if (beyond.length > 0) throw new InvalidRequestError("There are no such parts.", beyond);

  const parts = await Promise.all(
    partNumbers.map(async (partNumber) => {
      const contentLength = lengthOfPart(upload, partNumber);
      const url = await storage.signPart({
        videoId: upload.videoId,
        storageId: upload.storageId,
        partNumber,
        length: contentLength,
        expiresInSeconds: linkLifeSeconds,
      });
      return { partNumber, url, contentLength };
    }),
  );
  return { parts, expiresAt: new Date(now.getTime() + linkLifeSeconds * 1000).toISOString() };
};
