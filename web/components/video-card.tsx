import type { Video } from "@sluice/contracts";
import { askedToDelete, askedToShare } from "../state/dialog.ts";
import { watchHref } from "../state/route.ts";
import { isSound } from "../state/video-list.ts";
import { formatBytes, formatDuration, formatWhen } from "../text/format.ts";
import { ShareIcon, TrashIcon, WarningIcon } from "./icons.tsx";
import { Poster } from "./poster.tsx";

export function VideoCard({ video }: { video: Video }) {
  const isFailed = video.status === "failed";
  return (
    <li class={`card${isFailed ? " card-failed" : ""}`}>
      {isFailed ? (
        <div class="poster failure">
          <WarningIcon />
          <p>{video.failure?.message ?? "This video could not be made."}</p>
        </div>
      ) : (
        <Poster
          url={video.posterUrl}
          {...(video.durationMs !== undefined && { badge: formatDuration(video.durationMs) })}
        />
      )}
      <div class="card-foot">
        <div class="card-text">
          <h3 class="card-title" title={video.title}>
            {isFailed ? (
              video.title
            ) : (
              <a class="card-link" href={watchHref(video.videoId)}>
                {video.title}
              </a>
            )}
          </h3>
          <p class="card-meta">
            <time dateTime={video.createdAt}>
              {formatWhen(new Date(video.createdAt), new Date())}
            </time>
            {isFailed ? " · Failed" : bestQuality(video)}
            {video.visibility === "public" && " · Public"}
          </p>
        </div>
        {video.playable && (
          <button
            type="button"
            class="icon-button"
            onClick={() => {
              askedToShare.value = video;
            }}
          >
            <ShareIcon />
            <span class="visually-hidden">Share {video.title}</span>
          </button>
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
    </li>
  );
}

/** The largest rendition, or "Sound", or the size of the file where no rendition says its own and it is known. */
function bestQuality(video: Video): string {
  if (isSound(video)) return " · Sound";
  const lines = video.renditions.map(({ width = 0, height = 0 }) =>
    Math.min(width || height, height),
  );
  const best = Math.max(0, ...lines);
  if (best > 0) return ` · ${best}p`;
  return video.size === undefined ? "" : ` · ${formatBytes(video.size)}`;
}
