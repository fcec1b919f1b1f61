/** One way of doing what is compared; does it once and says what it measured. */
export type Arms<T> = Readonly<Record<string, (round: number) => Promise<T>>>;

/**
 * Runs every arm once a round, and begins each round with another one: whatever changes while the
 * bench runs (heat, neighbours, a cache that fills) changes for all of them.
 *
 * @param onRun called before each run
 * @returns per arm, one result a round
 */
export async function interleave<T>(
  arms: Arms<T>,
  rounds: number,
  onRun: (arm: string, round: number) => void = () => {},
): Promise<Map<string, T[]>> {
  const names = Object.keys(arms);
  const results = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(names, round)) {
      onRun(name, round);
      const result = await arms[name]?.(round);
      results.get(name)?.push(result as T);
    }
  }
  return results;
}

function rotated(names: readonly string[], by: number): string[] {
  const first = names.length === 0 ? 0 : by % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}
