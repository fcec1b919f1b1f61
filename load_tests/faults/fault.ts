import type { Row } from "../core/row.ts";

export interface FaultOptions {
  readonly seed: number;
  readonly runs: number;
  readonly step: (text: string) => void;
  /** What is worth a line between the steps: a run that went wrong, and how. */
  readonly notice: (text: string) => void;
}

export interface FaultResult {
  readonly rows: Row[];
  readonly injected: Readonly<Record<string, number>>;
  readonly failingSeeds: readonly number[];
}

export interface Fault {
  /** One line for the list of faults. */
  readonly summary: string;
  /** How often `step` is called. */
  steps(runs: number): number;
  run(options: FaultOptions): Promise<FaultResult>;
}
