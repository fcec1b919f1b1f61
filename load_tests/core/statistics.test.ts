import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, median, percentile, spread } from "./statistics.ts";

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const some = fc.array(positive, { minLength: 1, maxLength: 50 });

describe("statistics", () => {
  test("a median lies in the middle, between two where they are even in number", () => {
    expect(median([9, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 9])).toBe(3);
  });

  test("a percentile is what that share stays below", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

    expect(percentile(hundred, 0.5)).toBe(50.5);
    expect(percentile(hundred, 0.99)).toBeCloseTo(99.01);
    expect(percentile([7], 0.99)).toBe(7);
  });

  test("nothing gives nothing", () => {
    for (const statistic of [median, spread, (values: number[]) => percentile(values, 0.5)]) {
      expect(() => statistic([])).toThrow(RangeError);
    }
  });

  test("median and percentiles lie within the spread, whatever the order", () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const [low, high] = spread(values);
        const reversed = [...values].reverse();

        for (const value of [median(values), percentile(values, share)]) {
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
        }
        expect(percentile(reversed, share)).toBe(percentile(values, share));
      }),
    );
  });
});

describe("a comparison", () => {
  test("takes the ratio of each pair before it takes the middle", () => {
    // The machine was ten times slower in the second round: no ratio shows it.
    const comparison = compare([2, 20, 3], [1, 10, 1]);

    expect(comparison).toEqual({ ours: 3, baseline: 1, ratio: 2, spread: [2, 3] });
  });

  test("sees through a load that hits both of a pair alike", () => {
    fc.assert(
      fc.property(some, positive, (load, factor) => {
        const ratio = compare(
          load.map((slow) => slow * factor),
          load,
        ).ratio;

        expect(ratio / factor).toBeCloseTo(1, 6);
      }),
    );
  });

  test("refuses arms that cannot be paired, and a baseline of zero", () => {
    expect(() => compare([1, 2], [1])).toThrow("cannot be paired");
    expect(() => compare([1], [0])).toThrow("zero");
  });
});
