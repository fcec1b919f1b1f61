import { playbackSchema, problemSchema } from "@sluice/contracts";
import { CommandError } from "../errors.ts";

export interface Playable {
  readonly playlist: string;
  /** Value of a `Cookie` header for players other than the page. */
  readonly cookie: string;
}

export interface VideoAddress {
  /** Origin of the edge. */
  readonly web: string;
  readonly apiUrl: string;
  readonly videoId: string;
}

/**
 * Asks for playback as a browser would and keeps the cookies, for players that are told them.
 * The client library leaves cookies to the browser, so this one call is made here.
 */
export async function playbackCookie(
  { web, apiUrl, videoId }: VideoAddress,
  token: string,
  signal: AbortSignal,
): Promise<Playable> {
  const answer = await fetch(`${apiUrl}/videos/${videoId}/playback`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  if (!answer.ok) {
    const problem = problemSchema.safeParse(await answer.json().catch(() => undefined));
    throw new CommandError(
      "not-playable",
      problem.success ? problem.data.detail : `Playback was refused with status ${answer.status}.`,
    );
  }
  const playback = playbackSchema.parse(await answer.json());
  const cookie = answer.headers
    .getSetCookie()
    .map((value) => value.split(";")[0])
    .join("; ");
  return { playlist: `${web}${playback.playlist}`, cookie };
}
