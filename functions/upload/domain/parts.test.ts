import { MiB, s3Limits } from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestFile, lengthOfPart, partCountOf, partSizeFor } from "./parts.ts";

const anySize = fc.oneof(
  fc.integer({ min: 1, max: 200 * MiB }),
  fc.integer({ min: 1, max: largestFile }),
  fc.constantFrom(1, 8 * MiB, 8 * MiB + 1, 80_000 * MiB, 80_000 * MiB + 1, largestFile),
);

describe("the size of parts", () => {
  it("keeps within S3's limits for every size that S3 can hold", () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const partSize = partSizeFor(size);
        const partCount = partCountOf({ size, partSize });
        expect(partCount).toBeGreaterThanOrEqual(1);
        expect(partCount).toBeLessThanOrEqual(s3Limits.maxParts);
        expect(partSize).toBeGreaterThanOrEqual(8 * MiB);
        expect(partSize).toBeLessThanOrEqual(s3Limits.maxPartBytes);
      }),
    );
  });

  it("cuts parts that together are the file, all equal but the last", () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const file = { size, partSize: partSizeFor(size) };
        const partCount = partCountOf(file);
        const last = lengthOfPart(file, partCount);
        expect((partCount - 1) * file.partSize + last).toBe(size);
        expect(last).toBeGreaterThan(0);
        expect(last).toBeLessThanOrEqual(file.partSize);
        if (partCount > 1) expect(lengthOfPart(file, 1)).toBe(file.partSize);
      }),
    );
  });

  it("takes no larger parts than it must", () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const partSize = partSizeFor(size);
        if (partSize > 8 * MiB) expect(Math.ceil(size / (partSize / 2))).toBeGreaterThan(10_000);
      }),
    );
  });
});
