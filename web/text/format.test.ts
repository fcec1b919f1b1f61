import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatBytes,
  formatDuration,
  formatPercent,
  formatSpeed,
  formatTimeLeft,
  formatUntil,
  formatWhen,
  percent,
} from "./format.ts";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [999_900, "1.0 MB"],
  [12_345_678, "12.3 MB"],
  [734_003_200, "734 MB"],
  [1_400_000_000, "1.4 GB"],
  [2_500_000_000_000, "2.5 TB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("speed is bytes by second", () => {
  expect(formatSpeed(8_000_000)).toBe("8.0 MB/s");
});

test("a percentage says 100 only when all is done, and stays within its bounds", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (done, total) => {
      const value = percent(done, total);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
      if (done < total) expect(value).toBeLessThan(100);
    }),
  );
  expect(formatPercent(999, 1000)).toBe("99\u00a0%");
  expect(formatPercent(0, 0)).toBe("0\u00a0%");
});

test.each([
  [0.2, "1 second left"],
  [6.1, "7 seconds left"],
  [31, "35 seconds left"],
  [58, "1 minute left"],
  [61, "2 minutes left"],
  [3_590, "1 hour left"],
  [7_300, "3 hours left"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatTimeLeft(seconds)).toBe(text);
});

test.each([
  [0, "0:00"],
  [65_400, "1:05"],
  [3_723_000, "1:02:03"],
])("%d ms are %s on the clock", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  ["2026-11-23T11:59:30Z", "just now"],
  ["2026-11-23T11:30:00Z", "30 minutes ago"],
  ["2026-11-23T09:00:00Z", "3 hours ago"],
  ["2026-11-22T11:00:00Z", "yesterday"],
  ["2026-11-03T12:00:00Z", "Nov 3, 2026"],
])("%s is %s", (at, text) => {
  expect(formatWhen(new Date(at), new Date("2026-11-23T12:00:00Z"))).toBe(text);
});

test.each([
  ["2026-11-23T11:59:30Z", "in less than a minute"],
  ["2026-11-23T12:30:00Z", "in 30 minutes"],
  ["2026-11-23T12:59:59Z", "in 60 minutes"],
  ["2026-11-23T21:00:00Z", "in 9 hours"],
  ["2026-11-24T12:00:00Z", "tomorrow"],
  ["2026-12-23T11:59:00Z", "in 30 days"],
])("%s is %s", (at, text) => {
  expect(formatUntil(new Date(at), new Date("2026-11-23T12:00:00Z"))).toBe(text);
});
