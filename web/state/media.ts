import { useEffect, useState } from "preact/hooks";

/** What a media element is doing, as far as the controls show it. Seconds. */
export interface MediaState {
  readonly seconds: number;
  readonly isPaused: boolean;
  readonly isMuted: boolean;
  /** It should be playing, and has nothing to play. */
  readonly isWaiting: boolean;
  readonly bufferedSeconds: number;
}

const events = [
  ...["play", "playing", "pause", "waiting", "timeupdate", "seeking", "seeked", "ended"],
  ...["volumechange", "progress", "emptied", "loadeddata"],
];
/** `HTMLMediaElement.HAVE_FUTURE_DATA`. */
const haveFutureData = 3;

export function useMedia(media: HTMLMediaElement | null): MediaState {
  const [state, setState] = useState(() => stateOf(media));
  useEffect(() => {
    if (!media) return;
    const stop = new AbortController();
    const read = () => setState(stateOf(media));
    for (const event of events) media.addEventListener(event, read, { signal: stop.signal });
    read();
    return () => stop.abort();
  }, [media]);
  return state;
}

function stateOf(media: HTMLMediaElement | null): MediaState {
  if (!media) {
    return { seconds: 0, isPaused: true, isMuted: false, isWaiting: false, bufferedSeconds: 0 };
  }
  return {
    seconds: media.currentTime,
    isPaused: media.paused,
    isMuted: media.muted || media.volume === 0,
    isWaiting: !media.paused && !media.ended && media.readyState < haveFutureData,
    bufferedSeconds: bufferedAhead(media),
  };
}

/** Where the stretch ends that can be played from here without loading. */
function bufferedAhead({ buffered, currentTime }: HTMLMediaElement): number {
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) >= currentTime) {
      return buffered.end(index);
    }
  }
  return currentTime;
}
