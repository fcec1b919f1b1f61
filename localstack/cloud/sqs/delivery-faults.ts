/** Standard queues deliver at least once and in no order: these make both happen, from a seed. */
export interface DeliveryFaults {
  readonly seed: number;
  /** Probability that a delivered message is delivered once more, 0 to 1. */
  readonly duplicateRate: number;
  /** Probability that a receive takes messages out of order, 0 to 1. */
  readonly reorderRate: number;
  /** A duplicate comes at most this much later, in milliseconds. Default 5000. */
  readonly duplicateWithinMs?: number;
}

export interface FaultDice {
  /** Milliseconds until the duplicate of a message becomes visible; undefined for none. */
  duplicateAfter(): number | undefined;
  /** Picks from the candidates those to hand out, in the order to hand them out. */
  pick<T>(candidates: readonly T[], count: number): T[];
  /** How many candidates `pick` wants to choose from. */
  readonly window: number;
}

export const noFaults: FaultDice = {
  duplicateAfter: () => undefined,
  pick: (candidates, count) => candidates.slice(0, count),
  window: 1,
};

export function faultDice(faults: DeliveryFaults): FaultDice {
  const random = mulberry32(faults.seed);
  return {
    window: 10,
    duplicateAfter: () =>
      random() < faults.duplicateRate
        ? Math.floor(random() * (faults.duplicateWithinMs ?? 5000))
        : undefined,
    pick(candidates, count) {
      if (random() >= faults.reorderRate) return candidates.slice(0, count);
      const left = [...candidates];
      const picked = [];
      while (picked.length < count && left.length > 0) {
        picked.push(...left.splice(Math.floor(random() * left.length), 1));
      }
      return picked;
    },
  };
}

/** A small generator with a period of 2^32, so that a run can be repeated from its seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
