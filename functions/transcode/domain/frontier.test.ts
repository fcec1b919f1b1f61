import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontierOf } from "./frontier.ts";

const runs = (numbers: readonly number[]) =>
  numbers.map((number) => ({ first: number, end: number + 1 }));

describe("the frontier", () => {
  it("is the longest prefix that every track has", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.nat({ max: 12 })), { minLength: 1, maxLength: 4 }),
        (recorded) => {
          const tracks = recorded.map((_, index) => `t${index}`);
          const frontier = frontierOf(
            tracks,
            new Map(recorded.map((numbers, index) => [`t${index}`, runs(numbers)])),
          );
          const hasAll = (number: number) => recorded.every((numbers) => numbers.includes(number));
          for (let number = 0; number < frontier; number += 1) expect(hasAll(number)).toBe(true);
          expect(hasAll(frontier)).toBe(false);
        },
      ),
    );
  });

  it("is nothing while a track has nothing", () => {
    expect(frontierOf(["720p", "audio"], new Map([["720p", [{ first: 0, end: 9 }]]]))).toBe(0);
    expect(frontierOf([], new Map())).toBe(0);
  });
});
