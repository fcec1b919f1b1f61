import { playbackSchema } from "@sluice/contracts";
import { CommandError } from "../errors.ts";

export interface Playable {
  readonly playlist: string;
  /** Value of a `Cookie` header for players other than the page. */
  readonly cookie: string;
}

/**
 * Asks for playback as a browser would and keeps the cookies, for players that are told them.
 * The client library leaves cookies to the browser, so this one call is made here.
 */
export async function playbackCookie(
  web: string,
  videoId: string,
  token: string,
  signal: AbortSignal,
): Promise<Playable> {
  const answer = await fetch(`${web}/api/videos/${videoId}/playback`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  if (!answer.ok) {
    throw new CommandError("not-playable", `Playback was refused with status ${answer.status}.`);
  }
  const playback = playbackSchema.parse(await answer.json());
  const cookie = answer.headers
    .getSetCookie()
    .map((value) => value.split(";")[0])
    .join("; ");
  return { playlist: `${web}${playback.playlist}`, cookie };
}
