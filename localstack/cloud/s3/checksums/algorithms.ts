import { createHash } from "node:crypto";
import { crc32, crc32c } from "@node-rs/crc32";
import { Crc64Nvme } from "./crc64-nvme.ts";

export const checksumAlgorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];
/** Of the whole object, or of the checksums of its parts (`…-N`). */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Base64, with `-N` behind it when composite. */
  readonly value: string;
}

/** Bytes of a digest. */
export const digestLength: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

export interface Digest {
  update(data: Uint8Array): void;
  digest(): Buffer;
}

export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case "CRC32":
      return crcDigest(crc32);
    case "CRC32C":
      return crcDigest(crc32c);
    case "CRC64NVME":
      return new Crc64Nvme();
    case "SHA1":
      return createHash("sha1");
    case "SHA256":
      return createHash("sha256");
  }
}

export function headerOf(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Name of the XML element, for example `ChecksumCRC32`. */
export function elementOf(algorithm: ChecksumAlgorithm): `Checksum${ChecksumAlgorithm}` {
  return `Checksum${algorithm}`;
}

function crcDigest(step: (data: Uint8Array, state?: number) => number): Digest {
  let state = 0;
  return {
    update(data) {
      state = step(data, state);
    },
    digest() {
      const result = Buffer.alloc(4);
      result.writeUInt32BE(state);
      return result;
    },
  };
}
