import type { Video } from "@sluice/contracts";
import { askedToDelete } from "../state/dialog.ts";
import { watchHref } from "../state/route.ts";
import { isInWork, workOf } from "../state/video-list.ts";
import { formatDuration, formatPercent } from "../text/format.ts";
import { statusOf } from "../text/sentences.ts";
import { PlayIcon, TrashIcon } from "./icons.tsx";
import { Lanes } from "./lanes.tsx";
import { Poster } from "./poster.tsx";

/** A video between its upload and its last segment. */
export function WorkRow({ video }: { video: Video }) {
  const duration =
    video.durationMs === undefined ? {} : { badge: formatDuration(video.durationMs) };
  return (
    <li class="row">
      {video.playable ? (
        <a class="poster-link" href={watchHref(video.videoId)} aria-label={`Watch ${video.title}`}>
          <Poster url={video.posterUrl} {...duration} />
        </a>
      ) : (
        <Poster url={video.posterUrl} {...duration} />
      )}
      <div class="row-body">
        <div class="row-head">
          <h3 class="row-title" title={video.title}>
            {video.title}
          </h3>
          <div class="row-actions">
            {video.playable && (
              <a class="button button-small" href={watchHref(video.videoId)}>
                <PlayIcon />
                Watch now
              </a>
            )}
            <button
              type="button"
              class="icon-button"
              onClick={() => {
                askedToDelete.value = video;
              }}
            >
              <TrashIcon />
              <span class="visually-hidden">Delete {video.title}</span>
            </button>
          </div>
        </div>
        <WorkStatus video={video} />
        <Lanes video={video} />
      </div>
    </li>
  );
}

function WorkStatus({ video }: { video: Video }) {
  const { done, total } = workOf(video);
  if (!isInWork(video)) {
    return <p class="row-status">Not finished. Choose the same file again to go on.</p>;
  }
  const soFar =
    video.playable && video.durationMs
      ? `${formatDuration(video.playableMs)} of ${formatDuration(video.durationMs)} can be watched`
      : "";
  return (
    <p class="row-status">
      {statusOf(video)}
      {total > 0 && ` · ${formatPercent(done, total)}`}
      <span class="row-figures">{soFar}</span>
    </p>
  );
}
