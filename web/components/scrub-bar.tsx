import { useRef, useState } from "preact/hooks";
import type { Extent } from "../state/seeking.ts";
import type { Sprite } from "../state/storyboard.ts";
import { formatDuration } from "../text/format.ts";
import { ScrubPreview } from "./scrub-preview.tsx";

interface ScrubBarProps {
  readonly seconds: number;
  readonly bufferedSeconds: number;
  readonly extent: Extent;
  readonly sprites: readonly Sprite[];
  readonly onSeek: (seconds: number) => void;
}

/**
 * The whole planned length: what was watched, what is loaded, what is made, and what is still to
 * come. Pointing at it, dragging it or moving along it by keys shows the picture of the moment.
 */
export function ScrubBar({ seconds, bufferedSeconds, extent, sprites, onSeek }: ScrubBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const [dragged, setDragged] = useState<number | undefined>(undefined);
  const [isByKeys, setIsByKeys] = useState(false);
  const { totalSeconds, playableSeconds } = extent;
  const shown = dragged ?? seconds;
  const previewed = dragged ?? pointed ?? (isByKeys ? seconds : undefined);
  const share = (of: number) =>
    totalSeconds > 0 ? Math.min(1, Math.max(0, of / totalSeconds)) : 0;

  const secondsAt = ({ clientX }: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * totalSeconds;
  };
  const endDrag = (event: PointerEvent, isMeant: boolean) => {
    if (dragged === undefined) return;
    setDragged(undefined);
    setPointed(event.pointerType === "mouse" ? secondsAt(event) : undefined);
    if (isMeant) onSeek(secondsAt(event));
  };
  return (
    <div
      ref={bar}
      class={`scrub${dragged === undefined ? "" : " scrub-dragged"}`}
      role="slider"
      tabIndex={0}
      aria-label="Position"
      aria-valuemin={0}
      aria-valuemax={Math.round(totalSeconds)}
      aria-valuenow={Math.round(shown)}
      aria-valuetext={`${formatDuration(shown * 1_000)} of ${formatDuration(totalSeconds * 1_000)}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setIsByKeys(false);
        setDragged(secondsAt(event));
      }}
      onPointerMove={(event) => {
        if (dragged !== undefined) setDragged(secondsAt(event));
        else if (event.pointerType === "mouse") setPointed(secondsAt(event));
      }}
      onPointerUp={(event) => endDrag(event, true)}
      onPointerCancel={(event) => endDrag(event, false)}
      onPointerLeave={() => setPointed(undefined)}
      onKeyDown={(event) => {
        if (event.key !== "Tab") setIsByKeys(true);
      }}
      onBlur={() => setIsByKeys(false)}
    >
      <div class="scrub-rail">
        <div class="scrub-made" style={{ transform: `scaleX(${share(playableSeconds)})` }} />
        <div class="scrub-loaded" style={{ transform: `scaleX(${share(bufferedSeconds)})` }} />
        <div class="scrub-watched" style={{ transform: `scaleX(${share(shown)})` }} />
      </div>
      <div class="scrub-thumb" style={{ left: `${share(shown) * 100}%` }} />
      {previewed !== undefined && (
        <ScrubPreview
          seconds={previewed}
          share={share(previewed)}
          isMade={previewed <= playableSeconds}
          sprites={sprites}
        />
      )}
    </div>
  );
}
