import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChecksumAlgorithm, checksumAlgorithms, createDigest } from "./algorithms.ts";
import { combineChecksums } from "./combine.ts";

function digestOf(algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]): Buffer {
  const digest = createDigest(algorithm);
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest();
}

/** Check values of the catalogue of parametrised CRC algorithms, and of FIPS 180. */
test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
] as const)("%s of 123456789 is the published one", (algorithm, expected) => {
  expect(digestOf(algorithm, Buffer.from("123456789")).toString("hex")).toBe(expected);
});

test("a checksum does not depend on how the bytes arrive", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...checksumAlgorithms),
      fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 }),
      (algorithm, chunks) => {
        expect(digestOf(algorithm, ...chunks)).toEqual(digestOf(algorithm, Buffer.concat(chunks)));
      },
    ),
  );
});

test("the CRC of a whole is made of the CRCs of its parts", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("CRC32", "CRC32C", "CRC64NVME"),
      fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 6 }),
      (algorithm, chunks) => {
        const parts = chunks.map((chunk) => ({
          checksum: digestOf(algorithm, chunk),
          size: chunk.length,
        }));
        expect(combineChecksums(algorithm, parts)).toEqual(digestOf(algorithm, ...chunks));
      },
    ),
  );
});

test("SHAs cannot be combined", () => {
  expect(combineChecksums("SHA256", [])).toBeUndefined();
});
