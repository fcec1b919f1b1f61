import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Chance that a seed repeats. */
export interface Dice {
  /** From 0 to 1, 1 not among them. */
  share(): number;
  /** @throws TypeError when there is nothing to choose from */
  oneOf<T>(choices: readonly [T, ...T[]]): T;
}

export function diceOf(seed: number): Dice {
  const generator = xoroshiro128plus(seed);
  // Neighbouring seeds begin alike.
  for (let skipped = 0; skipped < 8; skipped++) generator.next();
  return {
    share: () => uniformFloat64(generator),
    oneOf: <T>(choices: readonly [T, ...T[]]) =>
      choices[uniformInt(generator, 0, choices.length - 1)] as T,
  };
}
