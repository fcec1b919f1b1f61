import { type Sprite, spriteAt } from "../state/storyboard.ts";
import { formatDuration } from "../text/format.ts";

interface ScrubPreviewProps {
  readonly seconds: number;
  /** Where along the bar, 0 to 1. */
  readonly share: number;
  readonly isMade: boolean;
  readonly sprites: readonly Sprite[];
}

/** The picture of a moment above the bar; its words alone where there is no picture. */
export function ScrubPreview({ seconds, share, isMade, sprites }: ScrubPreviewProps) {
  const sprite = isMade ? spriteAt(sprites, seconds) : undefined;
  const half = sprite ? sprite.width / 2 + 2 : isMade ? 32 : 104;
  return (
    <div
      class="scrub-preview"
      aria-hidden="true"
      style={{
        // Stays within the bar: half of its width from either end.
        left: `clamp(${half}px, ${share * 100}%, calc(100% - ${half}px))`,
      }}
    >
      {sprite && (
        <div
          class="scrub-picture"
          style={{
            width: `${sprite.width}px`,
            height: `${sprite.height}px`,
            backgroundImage: `url("${sprite.sheet}")`,
            backgroundPosition: `-${sprite.x}px -${sprite.y}px`,
          }}
        />
      )}
      <span class="scrub-time">
        {formatDuration(seconds * 1_000)}
        {!isMade && " · not transcoded yet"}
      </span>
    </div>
  );
}
