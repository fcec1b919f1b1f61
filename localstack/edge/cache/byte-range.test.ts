import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRange } from "./byte-range.ts";

describe("Range", () => {
  test.each([
    ["bytes=0-0", { start: 0, end: 0 }],
    ["bytes=5-", { start: 5, end: 9 }],
    ["bytes=-3", { start: 7, end: 9 }],
    ["bytes=-30", { start: 0, end: 9 }],
    ["bytes=2-99", { start: 2, end: 9 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=3-2", undefined],
    ["bytes=0-1,3-4", undefined],
    ["items=0-1", undefined],
    [undefined, undefined],
  ])("%s of 10 bytes", (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });

  test("a satisfiable range always lies inside the body", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1 }), (a, b, size) => {
        const range = parseRange(`bytes=${a}-${b}`, size);
        if (typeof range !== "object") return;
        expect(range.start).toBe(a);
        expect(range.end).toBeLessThan(size);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
      }),
    );
  });
});
