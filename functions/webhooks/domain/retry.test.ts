import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxAttempts, retryAfterSeconds, retryDelay } from "./retry.ts";

const now = new Date("2026-01-01T00:00:00Z");
const middle = 0.5;

describe("the delays between attempts", () => {
  it("grow from a second to nine hours and end after a day", () => {
    const delays = Array.from({ length: maxAttempts }, (_, index) => retryDelay(index + 1, middle));
    expect(delays).toEqual([
      ...[1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 32_400, 32_400],
      undefined,
    ]);
    const sum = delays.reduce<number>((total, delay) => total + (delay ?? 0), 0);
    expect(sum / 3_600).toBeCloseTo(24, 0);
  });

  it("are whole seconds that SQS takes, and a fifth more or less than planned", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: maxAttempts - 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const delay = retryDelay(failures, random) ?? 0;
          const planned = retryDelay(failures, middle) ?? 0;
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(1);
          expect(delay).toBeLessThanOrEqual(43_200);
          expect(Math.abs(delay - planned)).toBeLessThanOrEqual(planned * 0.2 + 0.5);
        },
      ),
    );
  });
});

describe("Retry-After", () => {
  it.each([
    ["120", 120],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60],
    ["999999", 32_400],
    ["0", undefined],
    ["Wed, 31 Dec 2025 00:00:00 GMT", undefined],
    ["soon", undefined],
    [undefined, undefined],
  ])("%j asks for %j seconds", (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });
});
