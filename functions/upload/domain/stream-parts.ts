import { s3Limits } from "@sluice/contracts";
import { DomainError, InvalidRequestError } from "../../platform/errors.ts";
import { lengthOfPart, partCountOf, streamPartSize } from "./parts.ts";

/** What 10,000 parts can carry when nobody knows how many there will be: 625 GiB, in bytes. */
export const largestStream = s3Limits.maxParts * streamPartSize;

export interface WantedParts {
  readonly partNumbers: readonly number[];
  readonly lastPart?: { readonly partNumber: number; readonly size: number } | undefined;
}

/**
 * Bytes that a link to each of these parts binds, in the order asked for. Of a file of known size
 * that is arithmetic. Of any other every part is full, but for the one that the caller declares to
 * be the last; none reaches beyond `maxBytes`.
 *
 * @throws InvalidRequestError, DomainError file-too-large
 */
export const lengthsToSign = (
  upload: { readonly size: number | undefined; readonly partSize: number },
  wanted: WantedParts,
  maxBytes: number,
): number[] => {
  const { size, partSize } = upload;
  if (size !== undefined) return lengthsOfFile({ size, partSize }, wanted);
  refuseOddEnd(wanted, partSize);
  return wanted.partNumbers.map((partNumber) => {
    const isLast = partNumber === wanted.lastPart?.partNumber;
    const length = isLast ? wanted.lastPart.size : partSize;
    if ((partNumber - 1) * partSize + length > Math.min(maxBytes, largestStream)) {
      throw new DomainError(
        "file-too-large",
        `Part ${partNumber} reaches beyond the ${maxBytes} bytes that are taken.`,
      );
    }
    return length;
  });
};

const lengthsOfFile = (
  file: { readonly size: number; readonly partSize: number },
  { partNumbers, lastPart }: WantedParts,
): number[] => {
  if (lastPart) {
    throw new InvalidRequestError("The size of this file is known, and so is its last part.", [
      { path: "lastPart", message: "Leave it out." },
    ]);
  }
  const partCount = partCountOf(file);
  const beyond = partNumbers.flatMap((partNumber, index) =>
    partNumber > partCount
      ? [{ path: `partNumbers.${index}`, message: `The file has ${partCount} parts.` }]
      : [],
  );
  if (beyond.length > 0) throw new InvalidRequestError("There are no such parts.", beyond);
  return partNumbers.map((partNumber) => lengthOfPart(file, partNumber));
};

const refuseOddEnd = ({ partNumbers, lastPart }: WantedParts, partSize: number): void => {
  if (!lastPart) return;
  if (lastPart.size > partSize) {
    throw new InvalidRequestError("The last part is longer than a part.", [
      { path: "lastPart.size", message: `At most ${partSize}.` },
    ]);
  }
  if (!partNumbers.includes(lastPart.partNumber)) {
    throw new InvalidRequestError("The last part is not among those to be signed.", [
      { path: "lastPart.partNumber", message: "Name it in partNumbers too." },
    ]);
  }
  const after = partNumbers.flatMap((partNumber, index) =>
    partNumber > lastPart.partNumber
      ? [{ path: `partNumbers.${index}`, message: `The last part is ${lastPart.partNumber}.` }]
      : [],
  );
  if (after.length > 0) throw new InvalidRequestError("No part comes after the last.", after);
};
