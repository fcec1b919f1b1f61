import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorTtlOf, ttlOf } from "./freshness.ts";

const bounds = { min: 0, default: 86_400, max: 31_536_000 };
const ttl = (cacheControl: string | undefined, limits = bounds, expires?: string) =>
  ttlOf({ cacheControl, expires, date: "Thu, 01 Jan 2026 00:00:00 GMT" }, limits, 0);

describe("TTL of an answer", () => {
  test.each([
    ["max-age=60", 60],
    ["max-age=60, s-maxage=5", 5],
    ["public, MAX-AGE=60", 60],
    ["no-store", 0],
    ["private, max-age=60", 0],
    [undefined, 86_400],
    ["max-age=99999999999", 86_400],
  ])("%s: %d s", (cacheControl, expected) => {
    expect(ttl(cacheControl)).toBe(expected);
  });

  test("Expires counts from Date when there is no max-age", () => {
    expect(ttl(undefined, bounds, "Thu, 01 Jan 2026 00:01:00 GMT")).toBe(60);
  });

  test("a minimum above zero wins over no-store (CloudFront's own rule)", () => {
    expect(ttl("no-store", { min: 30, default: 60, max: 90 })).toBe(30);
  });

  test("never leaves the bounds of the policy", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (age, min, more, d) => {
        const limits = { min, default: d, max: min + more };
        const seconds = ttl(`max-age=${age}`, limits);
        expect(seconds).toBeGreaterThanOrEqual(limits.min);
        expect(seconds).toBeLessThanOrEqual(limits.max);
      }),
    );
  });
});

describe("TTL of an error", () => {
  test.each([
    [404, undefined, undefined, 10],
    [404, undefined, 1, 1],
    [404, "max-age=30", 1, 30],
    [403, undefined, 1, 0],
    [403, "max-age=5", 1, 5],
    [503, undefined, 0, 0],
    [401, "max-age=60", undefined, 0],
  ])("%d with %s and minimum %s: %d s", (status, cacheControl, minTtl, expected) => {
    expect(errorTtlOf(status, cacheControl, minTtl)).toBe(expected);
  });
});
