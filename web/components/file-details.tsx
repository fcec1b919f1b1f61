import type { FileMetadata, Video } from "@sluice/contracts";
import { useEffect, useState } from "preact/hooks";
import { getApi } from "../state/api.ts";
import { factsOf } from "../text/file-facts.ts";
import { sentenceFor } from "../text/sentences.ts";

/** What the uploaded file says of itself. Read when somebody wants to know. */
export function FileDetails({ video }: { video: Video }) {
  const [isOpen, setIsOpen] = useState(false);
  const [metadata, setMetadata] = useState<FileMetadata | undefined>(video.metadata);
  const [error, setError] = useState<string | undefined>(undefined);
  const { videoId, status } = video;
  const isWanted = isOpen && !metadata;

  // A new status may bring what was not there before.
  useEffect(() => {
    if (!isWanted) return;
    const stop = new AbortController();
    getApi()
      .then((api) => api.getVideo(videoId, { signal: stop.signal }))
      .then(
        (read) => {
          setMetadata(read.metadata);
          setError(undefined);
        },
        (thrown) => {
          if (!stop.signal.aborted) setError(sentenceFor(thrown));
        },
      );
    return () => stop.abort();
  }, [isWanted, videoId, status]);

  return (
    <details class="details" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>About the file</summary>
      {error && (
        <p class="row-error" role="alert">
          {error}
        </p>
      )}
      <div class="details-groups">
        {factsOf(video, metadata).map(({ title, facts }) => (
          <section key={title}>
            <h2>{title}</h2>
            <dl>
              {facts.map(({ name, value }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </details>
  );
}
