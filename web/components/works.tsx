import { videos } from "../state/library.ts";
import { videosOf } from "../state/upload-queue.ts";
import { uploads } from "../state/uploads.ts";
import { isInWork } from "../state/video-list.ts";
import { UploadRow } from "./upload-row.tsx";
import { WorkRow } from "./work-row.tsx";

/** What is on its way: files being uploaded, then videos being transcoded. */
export function Works() {
  const own = videosOf(uploads.value);
  const inWork = videos.value.filter(
    (video) => !own.has(video.videoId) && (isInWork(video) || video.status === "uploading"),
  );
  if (uploads.value.length === 0 && inWork.length === 0) return null;
  return (
    <section class="section" aria-labelledby="works-title">
      <h2 class="section-title" id="works-title">
        In the works
      </h2>
      <ul class="rows">
        {uploads.value.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
        {inWork.map((video) => (
          <WorkRow key={video.videoId} video={video} />
        ))}
      </ul>
    </section>
  );
}
