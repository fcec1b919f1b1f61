import { type Dispatch, dispatches } from "@sluice/contracts";
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
  /** How the tasks of this video reach workers. */
  readonly dispatch: Dispatch;
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
  const blows =
    dice.share() < secondBlowShare ? ([first, blow("any")] as const) : ([first] as const);
  return { seed, blows, dispatch: dice.oneOf(dispatches) };
}

/** For the count of faults by kind. */
export const kindOf = ({ phase, victim }: Blow, dispatch: Dispatch): string =>
  `${phase}, ${victim}, ${dispatch}`;

/** In one line. */
export const describeSchedule = ({ blows, dispatch }: Schedule): string =>
  blows.map((blow) => kindOf(blow, dispatch)).join("; then ");
