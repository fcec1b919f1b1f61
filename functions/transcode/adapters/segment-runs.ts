import type { Range } from "../domain/timeline.ts";

export interface RunBorder {
  readonly track: string;
  readonly number: number;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** Runs without a gap, from the numbers at which they begin and end. */
export const runsOf = (borders: readonly RunBorder[]): Map<string, Range[]> =>
  new Map(
    [...Map.groupBy(borders, ({ track }) => track)].map(([track, own]) => {
      const sorted = own.toSorted((a, b) => a.number - b.number);
      const firsts = sorted.filter(({ begins }) => begins);
      const lasts = sorted.filter(({ ends }) => ends);
      return [
        track,
        firsts.map(({ number }, index) => ({
          first: number,
          end: (lasts[index]?.number ?? number) + 1,
        })),
      ];
    }),
  );
