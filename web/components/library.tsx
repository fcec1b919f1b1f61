import { isLoaded, libraryError, nextCursor, refresh, showMore, videos } from "../state/library.ts";
import { uploads } from "../state/uploads.ts";
import { DropZone } from "./drop-zone.tsx";
import { VideoCard } from "./video-card.tsx";
import { Works } from "./works.tsx";

export function Library() {
  return (
    <main class="page" tabIndex={-1}>
      <h1 class="visually-hidden">Your videos</h1>
      <DropZone />
      <Trouble />
      <Works />
      <Shelf />
    </main>
  );
}

function Trouble() {
  if (!libraryError.value) return null;
  return (
    <div class="notice" role="alert">
      <p>{libraryError.value}</p>
      <button type="button" class="button button-small" onClick={() => void refresh()}>
        Try now
      </button>
    </div>
  );
}

function Shelf() {
  const shelf = videos.value.filter(({ status }) => status === "ready" || status === "failed");
  const isBusy = uploads.value.length > 0 || videos.value.length > 0;
  return (
    <section class="section shelf" aria-labelledby="shelf-title" aria-busy={!isLoaded.value}>
      {(shelf.length > 0 || !isLoaded.value) && (
        <h2 class="section-title" id="shelf-title">
          Library
        </h2>
      )}
      {shelf.length > 0 && (
        <ul class="grid">
          {shelf.map((video) => (
            <VideoCard key={video.videoId} video={video} />
          ))}
        </ul>
      )}
      {isLoaded.value && !isBusy && <Empty />}
      {nextCursor.value && (
        <button type="button" class="button more" onClick={() => void showMore().catch(refresh)}>
          Show more
        </button>
      )}
    </section>
  );
}

function Empty() {
  return (
    <div class="empty">
      <svg class="empty-art" viewBox="0 0 240 120" aria-hidden="true">
        <path class="empty-posts" d="M62 14v96M178 14v96" />
        <path class="empty-gate" d="M74 20h92v44H74z" />
        <path class="empty-play" d="M112 30v24l21-12z" />
        <path
          class="empty-water"
          d="M12 84c12-9 24-9 36 0s24 9 36 0 24-9 36 0 24 9 36 0 24-9 36 0 24 9 36 0M12 102c12-9 24-9 36 0s24 9 36 0 24-9 36 0 24 9 36 0 24-9 36 0 24 9 36 0"
        />
      </svg>
      <h2 id="shelf-title">Nothing here yet</h2>
      <p>Drop in your first video. You can watch it seconds after it is uploaded.</p>
    </div>
  );
}
