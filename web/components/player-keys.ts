const stepSeconds = 5;
const volumeStep = 0.1;

/** Keys of the whole player view, as people know them from other players. */
export function listenToKeys(video: HTMLVideoElement, signal: AbortSignal): void {
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
      if (event.target instanceof Element && event.target.closest("button, a, select, input"))
        return;
      const act = actions[event.key];
      if (!act) return;
      event.preventDefault();
      // A focused video would act on the same key by itself, with steps of its own.
      event.stopPropagation();
      act(video);
    },
    { signal, capture: true },
  );
}

const toggle = (video: HTMLVideoElement) => {
  if (video.paused) video.play().catch(() => {});
  else video.pause();
};
const seek = (seconds: number) => (video: HTMLVideoElement) => {
  const end = video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : 0;
  video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), end);
};
const louder = (step: number) => (video: HTMLVideoElement) => {
  video.volume = Math.min(1, Math.max(0, video.volume + step));
};

const actions: Readonly<Record<string, (video: HTMLVideoElement) => void>> = {
  " ": toggle,
  k: toggle,
  ArrowLeft: seek(-stepSeconds),
  ArrowRight: seek(stepSeconds),
  ArrowUp: louder(volumeStep),
  ArrowDown: louder(-volumeStep),
  m: (video) => {
    video.muted = !video.muted;
  },
  f: (video) => {
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : video.requestFullscreen();
    change.catch(() => {});
  },
};
