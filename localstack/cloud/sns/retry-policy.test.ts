import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-policy.ts";

test("a delivery is tried again 100,015 times over 23 days", () => {
  // Act
  const waits: number[] = [];
  for (let failures = 1; ; failures += 1) {
    const wait = retryAfterMs(failures);
    if (wait === undefined) break;
    waits.push(wait);
  }

  // Assess
  expect(waits).toHaveLength(100_015);
  expect(waits.slice(0, 6)).toEqual([0, 0, 0, 1000, 1000, 1000]);
  expect(waits.slice(5, 15)).toEqual(waits.slice(5, 15).toSorted((a, b) => a - b));
  expect(waits[14]).toBe(20_000);
  expect(waits.at(-1)).toBe(20_000);
  expect(Math.round(waits.reduce((sum, it) => sum + it, 0) / 86_400_000)).toBe(23);
});
