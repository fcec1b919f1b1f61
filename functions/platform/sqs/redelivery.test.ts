import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redeliveryDelay } from "./redelivery.ts";

describe("redeliveryDelay", () => {
  it("is at least two seconds, at most five minutes, and never shrinks with the count", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (count, random) => {
          const delay = redeliveryDelay(count, random);
          expect(delay).toBeGreaterThanOrEqual(2);
          expect(delay).toBeLessThanOrEqual(300);
          expect(redeliveryDelay(count + 1, random)).toBeGreaterThanOrEqual(delay);
        },
      ),
    );
  });
});
