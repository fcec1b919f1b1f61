import type { SluiceApi } from "@sluice/client";
import type { Video } from "@sluice/contracts";
import { CommandError } from "../errors.ts";
import { originOf, type Target } from "./target.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const prefix = /^[0-9a-f-]{1,35}$/;

/** Every video of the owner, newest first, page by page. */
export async function* allVideos(api: SluiceApi, signal: AbortSignal): AsyncGenerator<Video> {
  let cursor: string | undefined;
  do {
    const page = await api.listVideos(
      { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    );
    yield* page.videos;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/**
 * The video that a person means: by id, by the beginning of one, or by the address of its page.
 * @throws CommandError invalid-arguments, not-found, video-ambiguous; ProblemError not-found
 */
export async function findVideo(
  { api, web }: Pick<Target, "api" | "web">,
  given: string,
  signal: AbortSignal,
): Promise<Video> {
  const id = idOf(given, web);
  if (uuid.test(id)) return api.getVideo(id, { signal });
  if (!prefix.test(id)) {
    throw new CommandError(
      "invalid-arguments",
      `"${given}" is no video: give its id, the beginning of it, or the address of its page.`,
    );
  }
  const found: Video[] = [];
  for await (const video of allVideos(api, signal)) {
    if (video.videoId.startsWith(id)) found.push(video);
  }
  const [video] = found;
  if (!video)
    throw new CommandError("not-found", `There is no video whose id begins with "${id}".`);
  if (found.length > 1) {
    const ids = found.slice(0, 5).map(({ videoId }) => videoId);
    throw new CommandError(
      "video-ambiguous",
      `${found.length} videos begin with "${id}": ${ids.join(", ")}${found.length > 5 ? ", …" : ""}.`,
    );
  }
  return video;
}

/** The fragment of the page's address, as web/state/route.ts reads it; otherwise what was given. */
function idOf(given: string, web: string): string {
  const text = given.toLowerCase();
  if (!/^https?:/.test(text)) return text;
  const origin = originOf(given, "VIDEO");
  if (origin !== web) {
    throw new CommandError(
      "invalid-arguments",
      `"${given}" is a page of ${origin}, and this command talks to ${web}: add --url ${origin}.`,
    );
  }
  return /^#\/videos\/([^/?]+)/.exec(new URL(text).hash)?.[1] ?? text;
}
