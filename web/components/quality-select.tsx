import type { Engine } from "../state/hls-engine.ts";

export function QualitySelect({ engine }: { engine: Engine | undefined }) {
  const qualities = engine?.qualities.value ?? [];
  const playing = qualities.find(({ level }) => level === engine?.playing.value);
  return (
    <label class="quality">
      <span>Quality</span>
      <select
        disabled={qualities.length === 0}
        value={String(engine?.chosen.value ?? -1)}
        onChange={({ currentTarget }) => engine?.choose(Number(currentTarget.value))}
      >
        <option value="-1">{playing ? `Auto (${playing.label})` : "Auto"}</option>
        {qualities.toReversed().map(({ level, label }) => (
          <option key={level} value={String(level)}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
