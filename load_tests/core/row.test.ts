import { expect, test } from "vitest";
import { rowOf } from "./row.ts";

test("a row without a baseline holds the median and judges it", () => {
  const row = rowOf({
    what: "memory",
    unit: "MB",
    ours: [70, 10, 20],
    target: { atMost: 64 },
  });

  expect(row).toEqual({
    what: "memory",
    unit: "MB",
    ours: 20,
    baseline: null,
    ratio: null,
    spread: [10, 70],
    runs: 3,
    target: 64,
    met: true,
  });
});

test("a row with a baseline judges the ratio of the pairs", () => {
  const measurement = {
    what: "speed",
    unit: "MB/s",
    ours: [80, 160],
    baseline: { name: "raw", values: [100, 400] },
  };

  const row = rowOf({ ...measurement, target: { atLeast: 0.7 } });

  expect(row).toMatchObject({
    ours: 120,
    baseline: { name: "raw", value: 250 },
    spread: [0.4, 0.8],
    met: false,
  });
  expect(row.ratio).toBeCloseTo(0.6);
  expect(rowOf(measurement)).toMatchObject({ target: null, met: null });
});
