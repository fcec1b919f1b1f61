import fc from "fast-check";
import { expect, test } from "vitest";
import { ConcurrencyGovernor } from "./concurrency.ts";

const second = 1_000;

test("it climbs while another connection makes the upload faster", () => {
  const governor = new ConcurrencyGovernor();
  for (let sample = 0; sample < 20; sample++) {
    governor.observe({ bytes: governor.concurrency * 1e6, elapsedMs: second, failures: 0 });
  }
  expect(governor.concurrency).toBe(8);
});

test("it stays near its start when more connections bring nothing", () => {
  const governor = new ConcurrencyGovernor();
  const seen = new Set<number>();
  for (let sample = 0; sample < 50; sample++) {
    seen.add(governor.observe({ bytes: 5e6, elapsedMs: second, failures: 0 }));
  }
  expect(Math.max(...seen)).toBe(5);
});

test("it halves on failures and comes back when they end", () => {
  const governor = new ConcurrencyGovernor();
  expect(governor.observe({ bytes: 1e6, elapsedMs: second, failures: 3 })).toBe(2);
  expect(governor.observe({ bytes: 1e6, elapsedMs: second, failures: 1 })).toBe(1);
  for (let sample = 0; sample < 30; sample++) {
    governor.observe({ bytes: governor.concurrency * 1e6, elapsedMs: second, failures: 0 });
  }
  expect(governor.concurrency).toBeGreaterThanOrEqual(4);
});

test("whatever it sees, it stays between one and eight", () => {
  const sample = fc.record({
    bytes: fc.nat(),
    elapsedMs: fc.nat({ max: 10_000 }),
    failures: fc.oneof(fc.constant(0), fc.nat({ max: 9 })),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 100 }), (samples) => {
      const governor = new ConcurrencyGovernor();
      for (const one of samples) {
        const concurrency = governor.observe(one);
        expect(concurrency).toBeGreaterThanOrEqual(1);
        expect(concurrency).toBeLessThanOrEqual(8);
      }
    }),
  );
});
