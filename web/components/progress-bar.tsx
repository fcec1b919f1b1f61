import { percent } from "../text/format.ts";

interface ProgressBarProps {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What a screen reader says instead of the bare percentage. */
  readonly valueText?: string;
  readonly tone?: "paused";
}

export function ProgressBar({ label, done, total, valueText, tone }: ProgressBarProps) {
  const value = percent(done, total);
  const scale = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div
      class={`bar${tone ? ` bar-${tone}` : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
      aria-valuetext={valueText ?? `${value} percent`}
    >
      <div class="bar-fill" style={{ transform: `translateX(${(scale - 1) * 100}%)` }} />
    </div>
  );
}
