import type { Video } from "@sluice/contracts";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../state/announce.ts";
import { attachEngine, type Engine } from "../state/hls-engine.ts";
import { useMedia } from "../state/media.ts";
import type { PlaybackSession } from "../state/playback.ts";
import { isAtFrontier, seekTarget } from "../state/seeking.ts";
import { isInWork, isSound } from "../state/video-list.ts";
import { sentenceFor } from "../text/sentences.ts";
import { Controls } from "./controls.tsx";
import { listenToKeys, togglePlaying } from "./player-keys.ts";
import { SoundCard } from "./sound-card.tsx";
import { useIdle } from "./use-idle.ts";
import { useStoryboard } from "./use-storyboard.ts";

/** As much of a video as is needed to play it, whoever watches. */
export type Watched = Pick<
  Video,
  | "videoId"
  | "title"
  | "status"
  | "playable"
  | "playableMs"
  | "durationMs"
  | "width"
  | "height"
  | "posterUrl"
  | "storyboardUrl"
  | "renditions"
>;

interface StageProps {
  readonly video: Watched;
  /** By what right it is played; the same function for as long as it is the same video. */
  readonly open: () => Promise<PlaybackSession>;
  readonly onEngine: (engine: Engine | undefined) => void;
}

const notTranscodedYet = "That part is not transcoded yet.";
const hintMs = 3_000;

/** The picture, or the card of a sound. Its box has its shape before anything is loaded. */
export function Stage({ video, open, onEngine }: StageProps) {
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  const [engine, setEngine] = useState<Engine | undefined>(undefined);
  const [playlist, setPlaylist] = useState<string | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [hint, setHint] = useState<string | undefined>(undefined);
  const media = useMedia(player);
  const sprites = useStoryboard(video, playlist);
  const { isIdle, wake } = useIdle();
  const { playable } = video;

  const total = (video.durationMs ?? video.playableMs) / 1_000;
  const extent = {
    totalSeconds: total,
    playableSeconds: isInWork(video) ? Math.min(total, video.playableMs / 1_000) : total,
  };
  // The listeners outlive many renderings; they need what is true now.
  const now = useRef(extent);
  now.current = extent;

  const seekTo = useCallback(
    (wanted: number) => {
      if (!player) return;
      const { seconds, isCut } = seekTarget(wanted, now.current);
      player.currentTime = seconds;
      wake();
      setHint(isCut ? notTranscodedYet : undefined);
      if (isCut) announce(notTranscodedYet);
    },
    [player, wake],
  );
  useEffect(() => {
    if (!hint) return;
    const timer = setTimeout(() => setHint(undefined), hintMs);
    return () => clearTimeout(timer);
  }, [hint]);

  useEffect(() => {
    if (!player || !playable) return;
    const isOver = new AbortController();
    listenToKeys(player, seekTo, isOver.signal);
    const play = async () => {
      const session = await open();
      isOver.signal.addEventListener("abort", () => session.close());
      if (isOver.signal.aborted) return session.close();
      const attached = await attachEngine(player, session);
      if (isOver.signal.aborted) return attached.destroy();
      isOver.signal.addEventListener("abort", () => attached.destroy());
      setPlaylist(session.playlist);
      setEngine(attached);
      onEngine(attached);
      // Without a gesture a browser may refuse: the controls are there.
      player.play().catch(() => {});
    };
    play().catch((thrown) => {
      if (!isOver.signal.aborted) setError(sentenceFor(thrown));
    });
    return () => {
      isOver.abort();
      onEngine(undefined);
    };
  }, [player, open, playable, seekTo, onEngine]);

  const sound = isSound(video);
  const message = error ?? engine?.error.value;
  const ratio = video.width && video.height ? video.width / video.height : 16 / 9;
  const isHidden = isIdle && !media.isPaused && !sound;
  return (
    <div
      class={`stage${sound ? " stage-sound" : ""}${isHidden ? " stage-idle" : ""}`}
      style={{ "--ratio": String(ratio) }}
      onPointerMove={wake}
      onFocusCapture={wake}
    >
      <video
        ref={setPlayer}
        playsInline
        tabIndex={0}
        aria-label={video.title}
        {...(video.posterUrl && playable && !sound && { poster: video.posterUrl })}
        onPointerUp={(event) => {
          // A finger brings the controls; a mouse has them already.
          if (player && event.pointerType === "mouse" && event.button === 0) togglePlaying(player);
          else wake();
        }}
      />
      {sound && <SoundCard video={video} />}
      {playable && player && (
        <Controls
          player={player}
          media={media}
          extent={extent}
          sprites={sprites}
          hasPicture={!sound}
          onSeek={seekTo}
        />
      )}
      {media.isWaiting && !message && <Waiting isForMore={isAtFrontier(media.seconds, extent)} />}
      {hint && <p class="stage-hint">{hint}</p>}
      {!playable && (
        <p class="stage-note">
          {video.status === "uploading"
            ? "The upload of this video is not finished."
            : "The first seconds are being made…"}
        </p>
      )}
      {message && (
        <p class="stage-note" role="alert">
          {message}
        </p>
      )}
    </div>
  );
}

/** @param isForMore what comes next is not made yet */
function Waiting({ isForMore }: { isForMore: boolean }) {
  return (
    <div class="stage-waiting" role="status">
      <span class="spinner" />
      <span class={isForMore ? "" : "visually-hidden"}>
        {isForMore ? "Still transcoding. It goes on by itself." : "Loading"}
      </span>
    </div>
  );
}
