import { AnswerError, PartRefusedError, ProblemError, UnreachableError } from "@sluice/client";
import type { ProblemCode, Video } from "@sluice/contracts";

/** What a person can do about it; for codes that are not here, the API's own sentence is better. */
const byCode: Partial<Record<ProblemCode, string>> = {
  unauthenticated: "You are not signed in any more. Reload the page to sign in again.",
  forbidden: "You are not allowed to do this.",
  "not-found": "This video is not here any more.",
  "file-empty": "This file is empty, so there is nothing to upload.",
  "file-too-large": "This file is larger than this server takes.",
  "upload-aborted": "This upload was ended, perhaps in another window. Start it again.",
  "not-playable": "This video cannot be played yet.",
  "too-many-requests": "The server is busy. Wait a moment and try again.",
  timeout: "The server took too long to answer. Try again.",
  unavailable: "The server is not available at the moment. Try again.",
  internal: "Something went wrong on the server. Try again; if it stays, look into its log.",
};

/** One sentence or two for the person in front of the page. */
export function sentenceFor(error: unknown): string {
  if (error instanceof ProblemError) return byCode[error.code] ?? error.detail;
  if (error instanceof UnreachableError) {
    return "The server cannot be reached. Check your connection and that the server is running.";
  }
  if (error instanceof PartRefusedError) {
    return "The storage refused the file. Try again; if it stays, look into the server's log.";
  }
  if (error instanceof AnswerError) {
    return "The server gave an answer that this page does not understand. Reload the page.";
  }
  return error instanceof Error ? error.message : "Something went wrong.";
}

/** Where a video stands, in a few words. */
export function statusOf(video: Video): string {
  switch (video.status) {
    case "uploading":
      return "Upload not finished";
    case "planning":
      return "Looking at the file";
    case "transcoding":
      return "Transcoding";
    case "packaging":
      return "Finishing";
    case "ready":
      return "Ready";
    case "failed":
      return "Failed";
  }
}
