import type { Row } from "../core/row.ts";

/** How much is measured: `quick` ends within 90 s on two cores, `full` takes its time. */
export type Size = "quick" | "default" | "full";

export interface Bench {
  /** One line for the list of benches. */
  readonly summary: string;
  /** How often `step` is called. */
  steps(size: Size): number;
  run(size: Size, step: (text: string) => void): Promise<Row[]>;
}
