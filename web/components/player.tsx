import type { PublicVideo, Video } from "@sluice/contracts";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { askedToDelete, askedToShare } from "../state/dialog.ts";
import { type Found, findAsVisitor, findPublic, findVideo } from "../state/found-video.ts";
import type { Engine } from "../state/hls-engine.ts";
import { isLoaded, libraryError, videos } from "../state/library.ts";
import { openPlayback, publicPlayback } from "../state/playback.ts";
import { isInWork, isSound, workOf } from "../state/video-list.ts";
import { formatBytes, formatDuration, formatPercent, formatWhen } from "../text/format.ts";
import { sentenceFor } from "../text/sentences.ts";
import { FileDetails } from "./file-details.tsx";
import { BackIcon, ShareIcon, TrashIcon } from "./icons.tsx";
import { Lanes } from "./lanes.tsx";
import { QualitySelect } from "./quality-select.tsx";
import { Stage } from "./stage.tsx";

export function Player({ videoId }: { videoId: string }) {
  const listed = videos.value.find((video) => video.videoId === videoId);
  const [found, setFound] = useState<Found | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const isMissing = isLoaded.value && !listed;

  useEffect(() => {
    const stop = new AbortController();
    const fail = (thrown: unknown) => {
      if (!stop.signal.aborted) setError(sentenceFor(thrown));
    };
    if (isMissing) findVideo(videoId, stop.signal).then(setFound, fail);
    else if (!isLoaded.value) findAsVisitor(videoId, stop.signal).then(setFound, fail);
    return () => stop.abort();
  }, [isMissing, videoId]);

  const trouble = error ?? libraryError.value;
  const own = listed ?? (found?.kind === "own" ? found.video : undefined);
  return (
    <main class="page" tabIndex={-1}>
      <a class="back" href="#/">
        <BackIcon />
        Library
      </a>
      {own && <Watch video={own} />}
      {!own && found?.kind === "public" && <WatchPublic video={found.video} />}
      {!own && !found && (
        <div class="stage stage-blank">
          {trouble && (
            <p class="stage-note" role="alert">
              {trouble}
            </p>
          )}
        </div>
      )}
      {!own && found?.kind === "none" && (
        <div class="stage stage-blank">
          <p class="stage-note" role="alert">
            There is no such video, or it is private.
          </p>
        </div>
      )}
    </main>
  );
}

/** Asks again for as long as the video is still being made. */
function useFollowed(first: PublicVideo): PublicVideo {
  const [video, setVideo] = useState(first);
  const isMade = video.status === "ready" || video.status === "failed";
  useEffect(() => {
    if (isMade) return;
    const stop = new AbortController();
    const look = async () => {
      const found = await findPublic(first.videoId, stop.signal);
      if (found.kind === "public") setVideo(found.video);
    };
    const timer = setInterval(() => look().catch(() => {}), 2_000);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [isMade, first.videoId]);
  return video;
}

function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Sluice`;
    return () => {
      document.title = "Sluice";
    };
  }, [title]);
}

function Watch({ video }: { video: Video }) {
  const [engine, setEngine] = useState<Engine | undefined>(undefined);
  useTitle(video.title);
  const open = useCallback(() => openPlayback(video.videoId), [video.videoId]);
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
      <Stage video={video} open={open} onEngine={setEngine} />
      <Caption video={video}>{!isSound(video) && <QualitySelect engine={engine} />}</Caption>
      {isInWork(video) && <Making video={video} />}
      <FileDetails video={video} />
    </>
  );
}

/** For anybody: nothing but the video and its name. */
function WatchPublic({ video: first }: { video: PublicVideo }) {
  const [engine, setEngine] = useState<Engine | undefined>(undefined);
  const video = useFollowed(first);
  useTitle(video.title);
  const latest = useRef(video);
  latest.current = video;
  const open = useCallback(async () => publicPlayback(latest.current), []);
  if (video.status === "failed") {
    return (
      <div class="stage stage-blank">
        <p class="stage-note">This video could not be made.</p>
      </div>
    );
  }
  // What has no picture is sound; of what it was made is its owner's affair.
  const isSoundOnly = video.playable && video.width === undefined;
  const renditions = isSoundOnly ? [{ name: "audio", segmentsDone: 0, segmentsTotal: 0 }] : [];
  return (
    <>
      <Stage video={{ ...video, renditions }} open={open} onEngine={setEngine} />
      <div class="caption">
        <div class="caption-text">
          <h1>{video.title}</h1>
          <p>{factsOf(video).join(" · ")}</p>
        </div>
        {!isSoundOnly && (
          <div class="caption-actions">
            <QualitySelect engine={engine} />
          </div>
        )}
      </div>
    </>
  );
}

const factsOf = (video: Pick<PublicVideo, "durationMs" | "width" | "height" | "createdAt">) => [
  ...(video.durationMs === undefined ? [] : [formatDuration(video.durationMs)]),
  ...(video.width && video.height ? [`${video.width} × ${video.height}`] : []),
  formatWhen(new Date(video.createdAt), new Date()),
];

function Caption({ video, children }: { video: Video; children?: ComponentChildren }) {
  const [when = "", ...facts] = factsOf(video).toReversed();
  const shown = [
    ...facts.toReversed(),
    ...(video.size === undefined ? [] : [formatBytes(video.size)]),
    when,
    ...(video.visibility === "public" ? ["Public"] : []),
  ];
  return (
    <div class="caption">
      <div class="caption-text">
        <h1>{video.title}</h1>
        <p>{shown.join(" · ")}</p>
      </div>
      <div class="caption-actions">
        {children}
        {video.playable && (
          <button
            type="button"
            class="button"
            onClick={() => {
              askedToShare.value = video;
            }}
          >
            <ShareIcon />
            Share
          </button>
        )}
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
