import type { Video } from "@sluice/contracts";
import { useEffect, useState } from "preact/hooks";
import { loadStoryboard, type Sprite } from "../state/storyboard.ts";

/** The storyboard's sprites; none until it is made and may be read. */
export function useStoryboard(
  video: Pick<Video, "storyboardUrl">,
  playlist: string | undefined,
): readonly Sprite[] {
  const [sprites, setSprites] = useState<readonly Sprite[]>([]);
  const isMade = video.storyboardUrl !== undefined;
  useEffect(() => {
    if (!isMade || !playlist) return;
    const stop = new AbortController();
    // Without it the bar still shows times.
    loadStoryboard(playlist, stop.signal).then(setSprites, () => {});
    return () => stop.abort();
  }, [isMade, playlist]);
  return sprites;
}
