import type { ChecksumAlgorithm } from "./algorithms.ts";

/** Reflected polynomials, the coefficient of x⁰ in the highest bit. */
const polynomials: Partial<Record<ChecksumAlgorithm, { bits: bigint; polynomial: bigint }>> = {
  CRC32: { bits: 32n, polynomial: 0xedb88320n },
  CRC32C: { bits: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
};

export interface PartChecksum {
  /** Big endian, as S3 writes it in base64. */
  readonly checksum: Buffer;
  readonly size: number;
}

/**
 * The CRC of parts laid end to end, from the CRCs of the parts: crc(AB) = crc(A)·x^(8·|B|) + crc(B)
 * in GF(2)[x] modulo the polynomial.
 * `undefined` for algorithms that cannot be combined (the SHAs).
 */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  parts: readonly PartChecksum[],
): Buffer | undefined {
  const field = polynomials[algorithm];
  if (!field) return undefined;
  const multiply = (a: bigint, b: bigint): bigint => multiplyModulo(a, b, field);
  const one = 1n << (field.bits - 1n);
  // x⁸, then squared once a step: x^(8·2ⁿ).
  const powers = [one >> 8n];
  const shifts = new Map<number, bigint>();
  const shiftBy = (bytes: number): bigint => {
    const known = shifts.get(bytes);
    if (known !== undefined) return known;
    let result = one;
    for (let n = 0, left = bytes; left > 0; n++, left = Math.floor(left / 2)) {
      const previous = powers[n - 1] ?? one;
      const power = powers[n] ?? multiply(previous, previous);
      powers[n] = power;
      if (left % 2 === 1) result = multiply(result, power);
    }
    shifts.set(bytes, result);
    return result;
  };

  let combined = 0n;
  for (const part of parts) {
    const crc = BigInt(`0x${part.checksum.toString("hex")}`);
    combined = multiply(combined, shiftBy(part.size)) ^ crc;
  }
  const width = Number(field.bits) / 8;
  return Buffer.from(combined.toString(16).padStart(width * 2, "0"), "hex");
}

function multiplyModulo(
  a: bigint,
  b: bigint,
  field: { readonly bits: bigint; readonly polynomial: bigint },
): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = field.bits - 1n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ field.polynomial : shifted >> 1n;
  }
  return product;
}
