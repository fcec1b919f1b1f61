import type { LinkClaims } from "../platform/signing/link-signer.ts";
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

export interface LinkSigner {
  /** The folder on the edge that a link opens: `/play/{token}/` stands for `/videos/{videoId}/`. */
  folder(claims: LinkClaims): Promise<string>;
}

export interface LinkRecord {
  readonly linkId: string;
  readonly label: string | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The links that owners made. Only those that have not expired by `now` count. */
export interface LinkStore {
  /** Undefined when the video has `limit` links already. */
  add(
    link: Omit<LinkRecord, "createdAt"> & { readonly videoId: string },
    limit: number,
    now: Date,
  ): Promise<LinkRecord | undefined>;
  /** Newest first, without those that are revoked. */
  list(videoId: string, now: Date): Promise<LinkRecord[]>;
  /** Marks a link to be revoked, or again; false when the video has no such link. */
  beginRevocation(videoId: string, linkId: string, now: Date): Promise<boolean>;
  /** Marks every link of a video, the public one too, whose tokens end by `publicEnd`. */
  beginRevocationOfAll(videoId: string, now: Date, publicEnd: Date): Promise<void>;
}

/** What must be revoked and what need not be remembered any more. */
export interface RevocationLedger {
  /** Marked and perhaps not yet known at the edge. */
  pending(limit: number): Promise<Revocation[]>;
  finish(linkIds: readonly string[]): Promise<void>;
  /** Links that ended before `end`, and which of them the edge was told about. */
  ended(end: Date, limit: number): Promise<{ readonly linkId: string; readonly told: boolean }[]>;
  forget(linkIds: readonly string[]): Promise<void>;
}

export interface Revocation {
  readonly linkId: string;
  readonly expiresAt: Date;
}

/** What the edge refuses, whoever signed it. */
export interface RevocationList {
  add(revocations: readonly Revocation[]): Promise<void>;
  remove(linkIds: readonly string[]): Promise<void>;
}

/** Whom a video is for. */
export interface Publications {
  /** Gives a video the link that anybody may have, unless it has one; false when there is no such video. */
  publish(owner: string, videoId: string, linkId: string): Promise<boolean>;
  /** Takes it away and marks it to be revoked; its tokens end by `end`. */
  withdraw(owner: string, videoId: string, end: Date): Promise<boolean>;
  /** A public video, as anybody may see it. */
  find(videoId: string): Promise<PublicRecord | undefined>;
}

export interface PublicRecord extends VideoState {
  readonly videoId: string;
  readonly title: string;
  readonly createdAt: Date;
  readonly durationMs: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly playableMs: number;
  readonly hasPoster: boolean;
  readonly hasStoryboard: boolean;
  readonly publicLinkId: string;
}
