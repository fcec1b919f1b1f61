import type { Video } from "@sluice/contracts";
import { ProgressBar } from "./progress-bar.tsx";

/** One lane a rendition: how many of its segments can be read. */
export function Lanes({ video }: { video: Video }) {
  return (
    <ul class="lanes" aria-label="Renditions">
      {video.renditions.map(({ name, segmentsDone, segmentsTotal }) => (
        <li class="lane" key={name}>
          <span class="lane-name">{name === "audio" ? "Audio" : name}</span>
          <ProgressBar
            label={name}
            done={segmentsDone}
            total={segmentsTotal}
            valueText={`${segmentsDone} of ${segmentsTotal} segments`}
          />
          <span class="lane-count" aria-hidden="true">
            {segmentsDone}/{segmentsTotal}
          </span>
        </li>
      ))}
    </ul>
  );
}
