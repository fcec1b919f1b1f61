import type { PlaybackGrant } from "../platform/signing/playback-signer.ts";

/** As much of a video as decides whether and where it plays. */
export interface VideoState {
  readonly status: string;
  readonly frontier: number;
  readonly planHash: string | undefined;
}

export interface VideoStates {
  find(owner: string, videoId: string): Promise<VideoState | undefined>;
}

export interface PlaybackGrants {
  /** @param path from the root of the edge; `*` stands for any characters */
  grant(path: string, expiresAt: Date): Promise<PlaybackGrant>;
}
