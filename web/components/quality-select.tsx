import type { Engine } from "../state/hls-engine.ts";

export function QualitySelect({ engine }: { engine: Engine | undefined }) {
  const qualities = engine?.qualities.value ?? [];
  const chosen = engine?.chosen.value ?? -1;
  const automatic =
    chosen === -1 ? qualities.find(({ level }) => level === engine?.playing.value) : undefined;
  return (
    <label class="quality">
      <span>Quality</span>
      <select
        disabled={qualities.length === 0}
        value={String(chosen)}
        onChange={({ currentTarget }) => engine?.choose(Number(currentTarget.value))}
      >
        <option value="-1">{automatic ? `Auto (${automatic.label})` : "Auto"}</option>
        {qualities.toReversed().map(({ level, label }) => (
          <option key={level} value={String(level)}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
