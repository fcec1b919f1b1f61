import type { Range } from "./timeline.ts";

/** Runs of recorded segments of each track, without order. A track without any has no entry. */
export type RecordedRuns = ReadonlyMap<string, readonly Range[]>;

/** How many segments are there from the first without a gap. */
const prefix = (runs: readonly Range[]): number =>
  [...runs]
    .sort((a, b) => a.first - b.first)
    .reduce((reached, run) => (run.first <= reached ? Math.max(reached, run.end) : reached), 0);

/** How many segments every track has from the first without a gap: what viewers may see. */
export const frontierOf = (tracks: readonly string[], recorded: RecordedRuns): number =>
  tracks.length === 0 ? 0 : Math.min(...tracks.map((track) => prefix(recorded.get(track) ?? [])));
