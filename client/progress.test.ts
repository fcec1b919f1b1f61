import fc from "fast-check";
import { expect, test } from "vitest";
import { ProgressTracker, SpeedMeter } from "./progress.ts";

test("bytes in flight are the sum of what each part reported last", () => {
  const report = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 100 }));
  fc.assert(
    fc.property(fc.array(report), fc.integer({ min: 1, max: 5 }), (reports, gone) => {
      const tracker = new ProgressTracker();
      const highest = new Map<number, number>();
      for (const [part, bytes] of reports) {
        tracker.report(part, bytes);
        highest.set(part, Math.max(bytes, highest.get(part) ?? 0));
      }
      tracker.forget(gone);
      highest.delete(gone);
      const expected = [...highest.values()].reduce((sum, bytes) => sum + bytes, 0);
      expect(tracker.inFlightBytes).toBe(expected);
    }),
  );
});

test("speed is that of the last seconds, and unknown before the first", () => {
  const meter = new SpeedMeter();
  meter.add(500, 0);
  expect(meter.bytesPerSecond(500)).toBeUndefined();
  for (let at = 100; at <= 20_000; at += 100) meter.add(at < 10_000 ? 1_000 : 100, at);
  const speed = meter.bytesPerSecond(20_000) ?? 0;
  expect(speed).toBeGreaterThan(900);
  expect(speed).toBeLessThan(1_100);
});

test("after a pause the old speed is forgotten", () => {
  const meter = new SpeedMeter();
  meter.add(1_000_000, 0);
  meter.reset();
  expect(meter.bytesPerSecond(5_000)).toBeUndefined();
});
