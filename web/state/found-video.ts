import { ProblemError } from "@sluice/client";
import type { PublicVideo, Video } from "@sluice/contracts";
import { getApi } from "./api.ts";
import { startLibrary } from "./library.ts";
import { isSignedIn } from "./session.ts";

/** What an address of a video leads to, for whoever follows it. */
export type Found =
  | { readonly kind: "own"; readonly video: Video }
  | { readonly kind: "public"; readonly video: PublicVideo }
  /** None, or one that is private: nobody learns which. */
  | { readonly kind: "none" };

/** A video that is not in the list of one's own: perhaps an older one, perhaps somebody else's. */
export async function findVideo(videoId: string, signal: AbortSignal): Promise<Found> {
  const api = await getApi();
  const video = await orUndefined(api.getVideo(videoId, { signal }));
  return video ? { kind: "own", video } : findPublic(videoId, signal);
}

/**
 * Before the list is there. Who is signed in gets it; a visitor gets a public video at once, and is
 * asked to sign in for any other. Undefined while the list decides.
 */
export async function findAsVisitor(
  videoId: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  // What is wrong with the configuration is said where the list would be.
  if (!(await isSignedIn().catch(() => true))) {
    const found = await findPublic(videoId, signal);
    if (found.kind === "public") return found;
  }
  startLibrary();
  return undefined;
}

/** A public video, by no right but its address. */
export async function findPublic(videoId: string, signal: AbortSignal): Promise<Found> {
  const video = await orUndefined((await getApi()).getPublicVideo(videoId, { signal }));
  return video ? { kind: "public", video } : { kind: "none" };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    // An id that is none cannot be found either.
    const isNone =
      error instanceof ProblemError && /^(not-found|invalid-request)$/.test(error.code);
    if (isNone) return undefined;
    throw error;
  }
}
