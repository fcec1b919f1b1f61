const stepSeconds = 5;
const volumeStep = 0.1;

/** Keys of the whole player view, as people know them from other players. */
export function listenToKeys(
  video: HTMLVideoElement,
  seekTo: (seconds: number) => void,
  signal: AbortSignal,
): void {
  addEventListener(
    "keydown",
    (event) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        document.querySelector("dialog[open]")
      ) {
        return;
      }
      // A button, link or list under focus keeps its own keys.
      if (
        event.target instanceof Element &&
        event.target.closest("button, a, select, input, summary") &&
        !(event.key in seeks)
      )
        return;
      if (event.target instanceof HTMLSelectElement) return;
      const target = seeks[event.key]?.(video);
      const act = actions[event.key];
      if (target === undefined && !act) return;
      event.preventDefault();
      if (target === undefined) act?.(video);
      else seekTo(target);
    },
    { signal, capture: true },
  );
}

export function togglePlaying(video: HTMLVideoElement): void {
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

export function toggleMuted(video: HTMLVideoElement): void {
  if (video.volume === 0) video.volume = 1;
  else video.muted = !video.muted;
}

/** The stage, so that the controls come along; the bare picture where a browser takes no other. */
export function toggleFullscreen(video: HTMLVideoElement): void {
  const stage = video.parentElement;
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  else if (stage && document.fullscreenEnabled) stage.requestFullscreen().catch(() => {});
  else if ("webkitEnterFullscreen" in video) (video as ApplePlayer).webkitEnterFullscreen();
}

/** iPhones have no other full screen (WebKit, "HTMLVideoElement.webkitEnterFullscreen"). */
interface ApplePlayer extends HTMLVideoElement {
  webkitEnterFullscreen(): void;
}

/** Where each key wants to go, in seconds. */
const seeks: Readonly<Record<string, (video: HTMLVideoElement) => number>> = {
  ArrowLeft: ({ currentTime }) => currentTime - stepSeconds,
  ArrowRight: ({ currentTime }) => currentTime + stepSeconds,
  Home: () => 0,
  End: () => Number.MAX_VALUE,
};

const louder = (step: number) => (video: HTMLVideoElement) => {
  video.volume = Math.min(1, Math.max(0, video.volume + step));
};

const actions: Readonly<Record<string, (video: HTMLVideoElement) => void>> = {
  " ": togglePlaying,
  k: togglePlaying,
  ArrowUp: louder(volumeStep),
  ArrowDown: louder(-volumeStep),
  m: toggleMuted,
  f: toggleFullscreen,
};
