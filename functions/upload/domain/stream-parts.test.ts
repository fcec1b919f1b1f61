import { MiB, s3Limits } from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamPartSize as partSize } from "./parts.ts";
import { largestStream, lengthsToSign } from "./stream-parts.ts";

const stream = { size: undefined, partSize };
const code = (expected: string) => expect.objectContaining({ code: expected });

/** A stream as it comes to be known: its length, cut into parts, asked for in batches of any size. */
const anyStream = fc.record({
  size: fc.oneof(
    fc.integer({ min: 1, max: 40 * partSize }),
    fc.constantFrom(1, partSize, partSize + 1, 2 * partSize),
  ),
  batch: fc.integer({ min: 1, max: 100 }),
});

describe("links for a file of unknown length", () => {
  it("bind lengths that together are the stream, all equal but the last", () => {
    fc.assert(
      fc.property(anyStream, ({ size, batch }) => {
        const partCount = Math.ceil(size / partSize);
        const numbers = Array.from({ length: partCount }, (_, index) => index + 1);
        const lastPart = { partNumber: partCount, size: size - (partCount - 1) * partSize };
        const lengths: number[] = [];
        for (let from = 0; from < partCount; from += batch) {
          const partNumbers = numbers.slice(from, from + batch);
          const hasLast = partNumbers.includes(partCount);
          lengths.push(
            ...lengthsToSign(stream, { partNumbers, ...(hasLast && { lastPart }) }, size),
          );
        }

        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(size);
        expect(lengths.slice(0, -1).every((length) => length === partSize)).toBe(true);
      }),
    );
  });

  it("never reach beyond the largest source, whatever is asked for", () => {
    const wanted = fc.record({
      partNumbers: fc.array(fc.integer({ min: 1, max: s3Limits.maxParts }), { minLength: 1 }),
      lastPart: fc.option(
        fc.record({
          partNumber: fc.integer({ min: 1, max: s3Limits.maxParts }),
          size: fc.integer({ min: 1, max: 2 * partSize }),
        }),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(wanted, fc.integer({ min: 1, max: 2 * largestStream }), (request, maxBytes) => {
        let lengths: number[];
        try {
          lengths = lengthsToSign(stream, request, maxBytes);
        } catch (error) {
          expect(["invalid-request", "file-too-large"]).toContain((error as { code: string }).code);
          return;
        }
        const short = lengths.filter((length) => length !== partSize);
        expect(new Set(short).size).toBeLessThanOrEqual(1);
        for (const [index, length] of lengths.entries()) {
          const end = ((request.partNumbers[index] ?? 0) - 1) * partSize + length;
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(partSize);
          expect(end).toBeLessThanOrEqual(Math.min(maxBytes, largestStream));
        }
      }),
    );
  });

  it.each([
    ["longer than a part", { partNumbers: [1], lastPart: { partNumber: 1, size: partSize + 1 } }],
    ["not among the parts", { partNumbers: [1], lastPart: { partNumber: 2, size: 1 } }],
    ["followed by another", { partNumbers: [1, 2], lastPart: { partNumber: 1, size: 1 } }],
  ])("refuse a last part that is %s", (_, wanted) => {
    expect(() => lengthsToSign(stream, wanted, largestStream)).toThrow(code("invalid-request"));
  });

  it("end where the largest source ends, in the middle of a part", () => {
    const maxBytes = partSize + 10;
    const last = (size: number) => ({ partNumbers: [2], lastPart: { partNumber: 2, size } });
    expect(lengthsToSign(stream, last(10), maxBytes)).toEqual([10]);
    expect(() => lengthsToSign(stream, last(11), maxBytes)).toThrow(code("file-too-large"));
    expect(() => lengthsToSign(stream, { partNumbers: [2] }, maxBytes)).toThrow(
      code("file-too-large"),
    );
  });
});

describe("links for a file of known size", () => {
  it("take no declaration of the last part", () => {
    const file = { size: 9 * MiB, partSize: 8 * MiB };
    expect(lengthsToSign(file, { partNumbers: [2, 1] }, MiB)).toEqual([MiB, 8 * MiB]);
    expect(() =>
      lengthsToSign(file, { partNumbers: [2], lastPart: { partNumber: 2, size: 1 } }, MiB),
    ).toThrow(code("invalid-request"));
  });
});
