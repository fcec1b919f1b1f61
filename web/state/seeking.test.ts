import fc from "fast-check";
import { expect, test } from "vitest";
import { isAtFrontier, seekTarget } from "./seeking.ts";

const growing = { totalSeconds: 60, playableSeconds: 18 };
const whole = { totalSeconds: 60, playableSeconds: 60 };

test("a seek goes where it was asked to go, within what there is", () => {
  expect(seekTarget(12, growing)).toEqual({ seconds: 12, isCut: false });
  expect(seekTarget(-5, whole)).toEqual({ seconds: 0, isCut: false });
  expect(seekTarget(75, whole)).toEqual({ seconds: 60, isCut: false });
});

test("a seek beyond what is made ends a little before its growing end, and says so", () => {
  expect(seekTarget(45, growing)).toEqual({ seconds: 17, isCut: true });
  expect(seekTarget(18, growing)).toEqual({ seconds: 17, isCut: true });
  expect(seekTarget(1, { totalSeconds: 60, playableSeconds: 0.5 }).seconds).toBe(0);
});

test("a seek never leaves the video", () => {
  const length = fc.double({ min: 0, max: 50_000, noNaN: true });
  fc.assert(
    fc.property(fc.double({ noNaN: true }), length, length, (wanted, one, other) => {
      const extent = {
        totalSeconds: Math.max(one, other),
        playableSeconds: Math.min(one, other),
      };
      const { seconds } = seekTarget(wanted, extent);
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(seconds).toBeLessThanOrEqual(extent.totalSeconds);
    }),
  );
});

test("the frontier is where playing waits for the transcoder, and only while there is more to come", () => {
  expect(isAtFrontier(17.5, growing)).toBe(true);
  expect(isAtFrontier(10, growing)).toBe(false);
  expect(isAtFrontier(59.9, whole)).toBe(false);
});
