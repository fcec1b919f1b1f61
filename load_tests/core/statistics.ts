import { median as middle, quantile } from "simple-statistics";

/** What several runs of one thing gave, beside several runs of another. */
export interface Comparison {
  /** Median of ours. */
  readonly ours: number;
  /** Median of the other. */
  readonly baseline: number;
  /** Median of the ratios ours/other, pair by pair: what slows a machine down slows both of a pair. */
  readonly ratio: number;
  /** Smallest and largest of those ratios. */
  readonly spread: readonly [number, number];
}

/** @throws RangeError without a value */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("There is no median of nothing.");
  return middle([...values]);
}

/**
 * @param share 0 to 1; 0.99 gives the value that 99 % stay below
 * @throws RangeError without a value
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("There is no percentile of nothing.");
  return quantile([...values], share);
}

/** Smallest and largest. @throws RangeError without a value */
export function spread(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) throw new RangeError("There is no spread of nothing.");
  return [
    values.reduce((least, value) => Math.min(least, value)),
    values.reduce((most, value) => Math.max(most, value)),
  ];
}

/**
 * Compares run N of one arm with run N of the other.
 * @throws RangeError when the arms were not run equally often, or the other gave a zero
 */
export function compare(ours: readonly number[], baseline: readonly number[]): Comparison {
  if (ours.length !== baseline.length) {
    throw new RangeError(`${ours.length} runs cannot be paired with ${baseline.length}.`);
  }
  const ratios = ours.map((value, index) => {
    const other = baseline[index] ?? 0;
    if (other === 0) throw new RangeError("There is no ratio to zero.");
    return value / other;
  });
  return {
    ours: median(ours),
    baseline: median(baseline),
    ratio: median(ratios),
    spread: spread(ratios),
  };
}
