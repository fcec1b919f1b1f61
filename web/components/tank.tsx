import { formatPercent } from "../text/format.ts";

interface TankProps {
  readonly done: number;
  readonly total: number;
  readonly still: boolean;
}

/** A file on its way, as water that rises behind the gate. Decoration: the bar beside it has the words. */
export function Tank({ done, total, still }: TankProps) {
  const level = total > 0 ? done / total : 0;
  return (
    <div class={`poster tank${still ? " tank-still" : ""}`} aria-hidden="true">
      {done > 0 && (
        <div class="tank-water" style={{ transform: `translateY(${(1 - level) * 100}%)` }}>
          <svg class="tank-wave" viewBox="0 0 64 4" preserveAspectRatio="none" aria-hidden="true">
            <path d="M0 2c2.700-2.400 5.300-2.400 8 0s5.300 2.400 8 0 5.300-2.400 8 0 5.300 2.400 8 0 5.300-2.400 8 0 5.300 2.400 8 0 5.300-2.400 8 0 5.300 2.400 8 0v2H0Z" />
          </svg>
        </div>
      )}
      <span class="tank-percent">{formatPercent(done, total)}</span>
    </div>
  );
}
