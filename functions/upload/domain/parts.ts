import { MiB, s3Limits } from "@sluice/contracts";

/** How a file is cut: all parts are equal but the last, which some stores demand. */
export interface CutFile {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Bytes of every part but the last. */
  readonly partSize: number;
}

/** A file of unknown length cannot be planned: parts are large enough for 625 GiB from the first on. */
export const streamPartSize = 64 * MiB;

/** Smaller parts would cost more requests than a retry of one saves. */
const smallestPart = 8 * MiB;

/** The largest file that the parts S3 allows can carry, in bytes. */
export const largestFile = s3Limits.maxParts * s3Limits.maxPartBytes;

/**
 * Doubles the part until 10,000 of them suffice.
 *
 * @param size bytes of the file, 1 to `largestFile`
 */
export const partSizeFor = (size: number): number => {
  let partSize = smallestPart;
  while (Math.ceil(size / partSize) > s3Limits.maxParts) partSize *= 2;
  return Math.min(partSize, s3Limits.maxPartBytes);
};

export const partCountOf = ({ size, partSize }: CutFile): number => Math.ceil(size / partSize);

/** Bytes of part `partNumber`, from 1. */
export const lengthOfPart = ({ size, partSize }: CutFile, partNumber: number): number =>
  Math.min(partSize, size - (partNumber - 1) * partSize);
