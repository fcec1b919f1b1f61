import type { PlaybackLink } from "@sluice/contracts";
import { getApi } from "./api.ts";

const hour = 3600;

/** How long a link may hold, in seconds. */
export const linkLifetimes = [
  { label: "1 hour", seconds: hour },
  { label: "1 day", seconds: 24 * hour },
  { label: "1 week", seconds: 7 * 24 * hour },
  { label: "30 days", seconds: 30 * 24 * hour },
  { label: "1 year", seconds: 365 * 24 * hour },
] as const;

export const linksOf = async (
  videoId: string,
  signal: AbortSignal,
): Promise<readonly PlaybackLink[]> => (await getApi()).links.list(videoId, { signal });

export const makeLink = async (
  videoId: string,
  expiresInSeconds: number,
  label: string,
): Promise<PlaybackLink> =>
  (await getApi()).links.create(videoId, { expiresInSeconds, ...(label && { label }) });

export const revokeLink = async (videoId: string, linkId: string): Promise<void> =>
  (await getApi()).links.revoke(videoId, linkId);

/** For other players, whole. */
export const addressOf = ({ playlist }: PlaybackLink): string => `${location.origin}${playlist}`;

/** Where anybody watches a public video. */
export const pageOf = (videoId: string): string =>
  `${location.origin}${location.pathname}#/videos/${videoId}`;

/** False where the browser does not let the page write the clipboard; the address stands there to be copied. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
