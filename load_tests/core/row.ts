import { z } from "zod";
import { compare, median, spread } from "./statistics.ts";

const pair = z.tuple([z.number(), z.number()]);

/** One line of a report (docs/benchmarks.md, "How to read a report"). */
export const rowSchema = z.strictObject({
  what: z.string().min(1),
  unit: z.string().min(1),
  /** Median of the runs. */
  ours: z.number(),
  baseline: z.strictObject({ name: z.string().min(1), value: z.number() }).nullable(),
  /** Median of ours/baseline, run by run. */
  ratio: z.number().nullable(),
  /** Smallest and largest: of the ratios if there is a baseline, else of ours. */
  spread: pair,
  runs: z.int().min(1),
  /** For the ratio if there is a baseline, else for ours. */
  target: z.number().nullable(),
  /** Reported, never asserted. */
  met: z.boolean().nullable(),
});
export type Row = z.infer<typeof rowSchema>;

export type Target = { readonly atMost: number } | { readonly atLeast: number };

export interface Measurement {
  readonly what: string;
  readonly unit: string;
  /** One value a run. */
  readonly ours: readonly number[];
  /** As many values as ours, of the same rounds. */
  readonly baseline?: { readonly name: string; readonly values: readonly number[] };
  readonly target?: Target | undefined;
}

/** @throws RangeError without a run, or when the baseline was not run as often */
export function rowOf({ what, unit, ours, baseline, target }: Measurement): Row {
  const comparison = baseline && compare(ours, baseline.values);
  const [low, high] = comparison?.spread ?? spread(ours);
  return rowSchema.parse({
    what,
    unit,
    ours: comparison?.ours ?? median(ours),
    baseline: baseline && comparison ? { name: baseline.name, value: comparison.baseline } : null,
    ratio: comparison?.ratio ?? null,
    spread: [low, high],
    runs: ours.length,
    ...judge(comparison?.ratio ?? median(ours), target),
  });
}

/** How many of `runs` runs ended so. */
export function countRow(what: string, count: number, runs: number, target: Target): Row {
  return rowSchema.parse({
    what,
    unit: "runs",
    ours: count,
    baseline: null,
    ratio: null,
    spread: [count, count],
    runs,
    ...judge(count, target),
  });
}

function judge(value: number, target: Target | undefined): Pick<Row, "target" | "met"> {
  if (target === undefined) return { target: null, met: null };
  return "atMost" in target
    ? { target: target.atMost, met: value <= target.atMost }
    : { target: target.atLeast, met: value >= target.atLeast };
}
