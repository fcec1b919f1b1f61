import type { Playback } from "@sluice/contracts";
import { isPlayable } from "../../library/domain/playable.ts";
import { DomainError, NotFoundError } from "../../platform/errors.ts";
import type { PlaybackGrants, VideoStates } from "../ports.ts";
import { playbackCookies } from "./playback-cookies.ts";

export interface PlaybackPorts {
  readonly videos: VideoStates;
  readonly grants: PlaybackGrants;
}

export interface StartPlaybackCommand {
  readonly owner: string;
  readonly videoId: string;
  readonly now: Date;
  /** Whether the viewer came by https. */
  readonly secure: boolean;
}

/** Long enough for any film with its pauses. */
const playbackSeconds = 12 * 60 * 60;

/** @throws NotFoundError, DomainError not-playable */
export const startPlayback = async (
  { videos, grants }: PlaybackPorts,
  { owner, videoId, now, secure }: StartPlaybackCommand,
): Promise<{ readonly playback: Playback; readonly cookies: readonly string[] }> => {
  const video = await videos.find(owner, videoId);
  if (!video) throw new NotFoundError("video");
  if (!isPlayable(video)) {
    throw new DomainError(
      "not-playable",
      "The video's first seconds are not ready. Ask again later.",
    );
  }
  const expiresAt = new Date(now.getTime() + playbackSeconds * 1000);
  const folder = `/videos/${videoId}/`;
  const grant = await grants.grant(`${folder}*`, expiresAt);
  return {
    playback: {
      playlist: `${folder}${video.planHash}/master.m3u8`,
      expiresAt: expiresAt.toISOString(),
    },
    cookies: playbackCookies(grant, { path: folder, maxAgeSeconds: playbackSeconds, secure }),
  };
};
