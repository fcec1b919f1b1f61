import { MiB, s3Limits } from "@sluice/contracts";

/** How a file is cut: all parts are equal but the last, which some stores demand. */
export interface PartPlan {
  /** Bytes of every part but the last. */
  readonly partSize: number;
  readonly partCount: number;
}

/** Smaller parts would cost more requests than a retry of one saves. */
const smallestPart = 8 * MiB;

/** The largest file that the parts S3 allows can carry, in bytes. */
export const largestFile = s3Limits.maxParts * s3Limits.maxPartBytes;

/**
 * Doubles the part until 10,000 of them suffice.
 *
 * @param size bytes of the file, 1 to `largestFile`
 */
export const planParts = (size: number): PartPlan => {
  let partSize = smallestPart;
  while (Math.ceil(size / partSize) > s3Limits.maxParts) partSize *= 2;
  partSize = Math.min(partSize, s3Limits.maxPartBytes);
  return { partSize, partCount: Math.ceil(size / partSize) };
};

/** Bytes of part `partNumber`, from 1. */
export const lengthOfPart = (
  file: PartPlan & { readonly size: number },
  partNumber: number,
): number =>
  partNumber < file.partCount ? file.partSize : file.size - (file.partCount - 1) * file.partSize;
