import type { Video } from "@sluice/contracts";
import { useEffect, useRef, useState } from "preact/hooks";
import { attachEngine, type Engine } from "../state/hls-engine.ts";
import { openPlayback } from "../state/playback.ts";
import { sentenceFor } from "../text/sentences.ts";
import { listenToKeys } from "./player-keys.ts";

interface StageProps {
  readonly video: Video;
  readonly onEngine: (engine: Engine | undefined) => void;
}

/** The picture. Its box has the shape of the video before anything is loaded. */
export function Stage({ video, onEngine }: StageProps) {
  const element = useRef<HTMLVideoElement>(null);
  const [engine, setEngine] = useState<Engine | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const { videoId, playable } = video;

  useEffect(() => {
    const player = element.current;
    if (!player || !playable) return;
    const isOver = new AbortController();
    listenToKeys(player, isOver.signal);
    const open = async () => {
      const session = await openPlayback(videoId);
      isOver.signal.addEventListener("abort", () => session.close());
      if (isOver.signal.aborted) return session.close();
      const attached = await attachEngine(player, session);
      if (isOver.signal.aborted) return attached.destroy();
      isOver.signal.addEventListener("abort", () => attached.destroy());
      setEngine(attached);
      onEngine(attached);
      // Without a gesture a browser may refuse: the controls are there.
      player.play().catch(() => {});
    };
    open().catch((thrown) => {
      if (!isOver.signal.aborted) setError(sentenceFor(thrown));
    });
    return () => {
      isOver.abort();
      onEngine(undefined);
    };
  }, [videoId, playable, onEngine]);

  const message = error ?? engine?.error.value;
  const ratio = video.width && video.height ? video.width / video.height : 16 / 9;
  return (
    <div class="stage" style={{ "--ratio": String(ratio) }}>
      <video
        ref={element}
        controls
        playsInline
        tabIndex={0}
        aria-label={video.title}
        {...(video.posterUrl && playable && { poster: video.posterUrl })}
      />
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
