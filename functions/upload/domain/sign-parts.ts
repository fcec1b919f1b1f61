import type { SignPartsResponse } from "@sluice/contracts";
import type { UploadPorts } from "../ports.ts";
import { findUpload, keepAlive, requireOpen } from "./find-upload.ts";
import { lengthsToSign, type WantedParts } from "./stream-parts.ts";

const linkLifeSeconds = 60 * 60;

export interface SignPartsCommand extends WantedParts {
  readonly owner: string;
  readonly uploadId: string;
  readonly maxBytes: number;
  readonly now: Date;
}

/** @throws NotFoundError, InvalidRequestError, DomainError upload-completed, file-too-large */
export const signParts = async (
  { store, storage }: UploadPorts,
  { owner, uploadId, partNumbers, lastPart, maxBytes, now }: SignPartsCommand,
): Promise<SignPartsResponse> => {
  const upload = requireOpen(await findUpload(store, owner, uploadId));
  await keepAlive(store, upload, now);
  const lengths = lengthsToSign(upload, { partNumbers, lastPart }, maxBytes);

  const parts = await Promise.all(
    partNumbers.map(async (partNumber, index) => {
      const contentLength = lengths[index] ?? 0;
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
