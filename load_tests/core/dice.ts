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
  const generator = xoroshiro128plus(scattered(seed));
  return {
    share: () => uniformFloat64(generator),
    oneOf: <T>(choices: readonly [T, ...T[]]) =>
      choices[uniformInt(generator, 0, choices.length - 1)] as T,
  };
}

/** Neighbouring seeds would begin alike: the finalizer of MurmurHash3 sends them far apart. */
function scattered(seed: number): number {
  let hash = seed | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
