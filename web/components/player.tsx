import { ProblemError } from "@sluice/client";
import type { Video } from "@sluice/contracts";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { getApi } from "../state/api.ts";
import { askedToDelete } from "../state/dialog.ts";
import type { Engine } from "../state/hls-engine.ts";
import { isLoaded, videos } from "../state/library.ts";
import { isInWork, isSound, workOf } from "../state/video-list.ts";
import { formatBytes, formatDuration, formatPercent, formatWhen } from "../text/format.ts";
import { sentenceFor } from "../text/sentences.ts";
import { FileDetails } from "./file-details.tsx";
import { BackIcon, TrashIcon } from "./icons.tsx";
import { Lanes } from "./lanes.tsx";
import { QualitySelect } from "./quality-select.tsx";
import { Stage } from "./stage.tsx";

export function Player({ videoId }: { videoId: string }) {
  const listed = videos.value.find((video) => video.videoId === videoId);
  const [read, setRead] = useState<Video | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const isMissing = isLoaded.value && !listed;

  useEffect(() => {
    if (!isMissing) return;
    const stop = new AbortController();
    getApi()
      .then((api) => api.getVideo(videoId, { signal: stop.signal }))
      .then(setRead, (thrown) => {
        if (stop.signal.aborted) return;
        const isGone = thrown instanceof ProblemError && thrown.code === "invalid-request";
        setError(isGone ? "This video is not here any more." : sentenceFor(thrown));
      });
    return () => stop.abort();
  }, [isMissing, videoId]);

  const video = listed ?? read;
  return (
    <main class="page" tabIndex={-1}>
      <a class="back" href="#/">
        <BackIcon />
        Library
      </a>
      {video ? (
        <Watch video={video} />
      ) : (
        <div class="stage stage-blank">
          {error && (
            <p class="stage-note" role="alert">
              {error}
            </p>
          )}
        </div>
      )}
    </main>
  );
}

function Watch({ video }: { video: Video }) {
  const [engine, setEngine] = useState<Engine | undefined>(undefined);
  useEffect(() => {
    document.title = `${video.title} · Sluice`;
    return () => {
      document.title = "Sluice";
    };
  }, [video.title]);
  if (video.status === "failed") {
    return (
      <>
        <div class="stage stage-blank">
          <p class="stage-note">{video.failure?.message ?? "This video could not be made."}</p>
        </div>
        <Caption video={video} />
      </>
    );
  }
  return (
    <>
      <Stage video={video} onEngine={setEngine} />
      <Caption video={video}>{!isSound(video) && <QualitySelect engine={engine} />}</Caption>
      {isInWork(video) && <Making video={video} />}
      <FileDetails video={video} />
    </>
  );
}

function Caption({ video, children }: { video: Video; children?: ComponentChildren }) {
  const facts = [
    ...(video.durationMs === undefined ? [] : [formatDuration(video.durationMs)]),
    ...(video.width && video.height ? [`${video.width} × ${video.height}`] : []),
    ...(video.size === undefined ? [] : [formatBytes(video.size)]),
    formatWhen(new Date(video.createdAt), new Date()),
  ];
  return (
    <div class="caption">
      <div class="caption-text">
        <h1>{video.title}</h1>
        <p>{facts.join(" · ")}</p>
      </div>
      <div class="caption-actions">
        {children}
        <button
          type="button"
          class="button button-quiet"
          onClick={() => {
            askedToDelete.value = video;
          }}
        >
          <TrashIcon />
          Delete
        </button>
      </div>
    </div>
  );
}

function Making({ video }: { video: Video }) {
  const { done, total } = workOf(video);
  return (
    <section class="making" aria-label="Transcoding">
      <p class="making-title">
        Still being transcoded: {formatPercent(done, total)}
        {video.durationMs !== undefined && (
          <span class="row-figures">
            {formatDuration(video.playableMs)} of {formatDuration(video.durationMs)} can be watched
          </span>
        )}
      </p>
      <Lanes video={video} />
    </section>
  );
}
