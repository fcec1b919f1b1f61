import type { Video } from "@sluice/contracts";
import { SoundIcon } from "./icons.tsx";
import { usePoster } from "./use-poster.ts";

/** What there is to see of sound: its cover, or a note, and its title. */
export function SoundCard({ video }: { video: Pick<Video, "title" | "posterUrl"> }) {
  const { shown, onError } = usePoster(video.posterUrl);
  return (
    <div class="sound-card">
      <div class="sound-cover">
        {shown ? <img src={shown} alt="" decoding="async" onError={onError} /> : <SoundIcon />}
      </div>
      <p class="sound-title" aria-hidden="true">
        {video.title}
      </p>
    </div>
  );
}
