import { diceOf } from "../../core/dice.ts";

/** Where a video is when the blow falls; `any` is a moment between its upload and its end. */
export const phases = ["upload", "plan", "transcode", "commit", "package", "any"] as const;
export type Phase = (typeof phases)[number];

/** `parent`: the command's own process alone. `tree`: it and all that it started, at once. */
export type Victim = "parent" | "tree";

/** One kill -9. */
export interface Blow {
  readonly phase: Phase;
  readonly victim: Victim;
  /** How far into the phase, from 0 to 1, measured by how long it takes undisturbed. */
  readonly share: number;
}

export interface Schedule {
  readonly seed: number;
  /** The second one falls after the next start. */
  readonly blows: readonly [Blow] | readonly [Blow, Blow];
}

const secondBlowShare = 0.3;

/** Six seeds in a row meet every phase; all else is chance. */
export function scheduleOf(seed: number): Schedule {
  const dice = diceOf(seed);
  const blow = (phase: Phase): Blow => ({
    phase,
    victim: dice.oneOf(["parent", "tree"]),
    share: dice.share(),
  });
  const index = ((seed % phases.length) + phases.length) % phases.length;
  const first = blow(phases[index] ?? "any");
  return {
    seed,
    blows: dice.share() < secondBlowShare ? [first, blow("any")] : [first],
  };
}

/** For the count of faults by kind. */
export const kindOf = ({ phase, victim }: Blow): string => `${phase}, ${victim}`;
