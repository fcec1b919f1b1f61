import type { MediaState } from "../state/media.ts";
import type { Extent } from "../state/seeking.ts";
import type { Sprite } from "../state/storyboard.ts";
import { formatDuration } from "../text/format.ts";
import { FullscreenIcon, MutedIcon, PauseIcon, PlayIcon, VolumeIcon } from "./icons.tsx";
import { toggleFullscreen, toggleMuted, togglePlaying } from "./player-keys.ts";
import { ScrubBar } from "./scrub-bar.tsx";

interface ControlsProps {
  readonly player: HTMLVideoElement;
  readonly media: MediaState;
  readonly extent: Extent;
  readonly sprites: readonly Sprite[];
  readonly hasPicture: boolean;
  readonly onSeek: (seconds: number) => void;
}

/** Controls of the player: the browser's own have no place for previews, nor for what is to come. */
export function Controls({ player, media, extent, sprites, hasPicture, onSeek }: ControlsProps) {
  return (
    <div class="controls">
      <ScrubBar
        seconds={media.seconds}
        bufferedSeconds={media.bufferedSeconds}
        extent={extent}
        sprites={sprites}
        onSeek={onSeek}
      />
      <div class="controls-row">
        <button type="button" class="control" onClick={() => togglePlaying(player)}>
          {media.isPaused ? <PlayIcon /> : <PauseIcon />}
          <span class="visually-hidden">{media.isPaused ? "Play" : "Pause"}</span>
        </button>
        <button type="button" class="control" onClick={() => toggleMuted(player)}>
          {media.isMuted ? <MutedIcon /> : <VolumeIcon />}
          <span class="visually-hidden">{media.isMuted ? "Unmute" : "Mute"}</span>
        </button>
        <p class="controls-time">
          {formatDuration(media.seconds * 1_000)}
          <span> / {formatDuration(extent.totalSeconds * 1_000)}</span>
        </p>
        {hasPicture && (
          <button
            type="button"
            class="control controls-end"
            onClick={() => toggleFullscreen(player)}
          >
            <FullscreenIcon />
            <span class="visually-hidden">Full screen</span>
          </button>
        )}
      </div>
    </div>
  );
}
