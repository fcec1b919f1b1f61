import { type ReadonlySignal, signal } from "@preact/signals";
import type HlsPlayer from "hls.js";
import type { PlaybackSession } from "./playback.ts";

interface Quality {
  readonly level: number;
  readonly label: string;
}

/** What plays the playlist in a video element. */
export interface Engine {
  /** Empty where the browser chooses by itself and does not let us. */
  readonly qualities: ReadonlySignal<readonly Quality[]>;
  /** Level that was chosen; -1 is automatic. */
  readonly chosen: ReadonlySignal<number>;
  /** Level that is playing. */
  readonly playing: ReadonlySignal<number>;
  readonly error: ReadonlySignal<string | undefined>;
  choose(level: number): void;
  destroy(): void;
}

const maxRecoveries = 6;

/** Safari's own HLS is the better one on Apple's machines; elsewhere hls.js, if it can run. */
export async function attachEngine(
  video: HTMLVideoElement,
  session: PlaybackSession,
): Promise<Engine> {
  const hasNative = video.canPlayType("application/vnd.apple.mpegurl") !== "";
  if (hasNative && navigator.vendor.startsWith("Apple")) return attachNative(video, session);
  const { default: Hls } = await import("hls.js");
  if (Hls.isSupported()) return attachHls(Hls, video, session);
  return attachNative(video, session);
}

function attachNative(video: HTMLVideoElement, session: PlaybackSession): Engine {
  const error = signal<string | undefined>(undefined);
  const onError = () => {
    error.value = "This browser cannot play the video.";
  };
  video.addEventListener("error", onError);
  video.src = session.playlist;
  return {
    qualities: signal([]),
    chosen: signal(-1),
    playing: signal(-1),
    error,
    choose() {},
    destroy() {
      video.removeEventListener("error", onError);
      video.removeAttribute("src");
      video.load();
    },
  };
}

function attachHls(
  Hls: typeof HlsPlayer,
  video: HTMLVideoElement,
  session: PlaybackSession,
): Engine {
  const qualities = signal<readonly Quality[]>([]);
  const chosen = signal(-1);
  const playing = signal(-1);
  const error = signal<string | undefined>(undefined);
  let recoveries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  // A playlist that still grows looks like a live stream: begin at 0, not near its end.
  const hls = new Hls({
    startPosition: 0,
    capLevelToPlayerSize: true,
    backBufferLength: 60,
    enableWorker: false,
  });
  // Nothing leaves such a list, so there is nothing to catch up with: hls.js must not set a viewer
  // back who waits at its growing end (`synchronizeToLiveEdge` does so, beyond the end of the list).
  Object.defineProperty(hls, "liveSyncPosition", { value: null });
  const readLevels = () => {
    const pictures = hls.levels.filter(({ width }) => width > 0);
    if (pictures.length < hls.levels.length) return;
    qualities.value = hls.levels.map(({ width, height }, level) => ({
      level,
      label: `${Math.min(width || height, height)}p`,
    }));
  };
  hls.on(Hls.Events.MANIFEST_PARSED, readLevels);
  hls.on(Hls.Events.LEVELS_UPDATED, readLevels);
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => {
    playing.value = level;
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    recoveries = 0;
    error.value = undefined;
  });
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    recoveries += 1;
    if (recoveries > maxRecoveries) {
      error.value = "The video stopped loading. Reload the page to try again.";
      hls.stopLoad();
    } else if (data.type === Hls.ErrorTypes.MEDIA_ERROR) {
      hls.recoverMediaError();
    } else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      error.value = "The connection was lost. Trying again…";
      timer = setTimeout(recover, 1_000 * 2 ** (recoveries - 1));
    } else {
      error.value = "This browser cannot play the video.";
    }
  });
  /** The right may have expired while the machine slept. */
  const recover = async () => {
    const before = session.playlist;
    try {
      await session.renew();
    } catch {
      // Said above; the next failure counts again.
    }
    const isElsewhere = session.playlist !== before;
    if (isElsewhere) hls.config.startPosition = video.currentTime;
    if (isElsewhere || hls.levels.length === 0) hls.loadSource(session.playlist);
    else hls.startLoad();
  };
  hls.loadSource(session.playlist);
  hls.attachMedia(video);

  return {
    qualities,
    chosen,
    playing,
    error,
    choose(level) {
      chosen.value = level;
      hls.nextLevel = level;
    },
    destroy() {
      clearTimeout(timer);
      hls.destroy();
    },
  };
}
