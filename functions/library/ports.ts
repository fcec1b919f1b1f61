import type { Dispatch, FileMetadata, VideoStatus, Visibility } from "@sluice/contracts";

export interface RenditionRecord {
  /** For example `720p`, or `audio`. */
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
  readonly segmentsDone: number;
  readonly segmentsTotal: number;
}

/** A video as its owner may see it. */
export interface VideoRecord {
  readonly videoId: string;
  readonly title: string;
  readonly fileName: string;
  readonly status: VideoStatus;
  readonly dispatch: Dispatch;
  readonly isPublic: boolean;
  /** Bytes of the source; undefined while one of unknown length is arriving. */
  readonly size: number | undefined;
  readonly createdAt: Date;
  readonly readyAt: Date | undefined;
  readonly durationMs: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly planHash: string | undefined;
  /** Segments that every track has, counted from the first without a gap. */
  readonly frontier: number;
  readonly playableMs: number;
  readonly hasPoster: boolean;
  readonly hasStoryboard: boolean;
  /** Empty until there is a plan. */
  readonly renditions: readonly RenditionRecord[];
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  /** What the file says of itself; read for one video, not for a page of them. */
  readonly metadata: FileMetadata | undefined;
}

/** Where a page ended: the next one begins with what is older. */
export interface PagePosition {
  readonly createdAt: Date;
  readonly videoId: string;
}

export interface VideoStore {
  /** Newest first, without those being deleted. */
  page(owner: string, limit: number, after: PagePosition | undefined): Promise<VideoRecord[]>;
  find(owner: string, videoId: string): Promise<VideoRecord | undefined>;
  /** False when there is no such video. */
  rename(owner: string, videoId: string, title: string): Promise<boolean>;
  /** Hides the video for good; undefined when there is none. May be repeated until it is removed. */
  beginDeletion(
    owner: string,
    videoId: string,
  ): Promise<{ readonly storageId: string | undefined } | undefined>;
  /** A deletion that began, whoever owns the video. */
  findDeletion(videoId: string): Promise<{ readonly storageId: string | undefined } | undefined>;
  /** Forgets a video whose deletion began, with everything known of it. */
  remove(videoId: string): Promise<void>;
}

export interface MediaStorage {
  /** Ends a multipart upload, if one is open. */
  abortUpload(videoId: string, storageId: string): Promise<void>;
  removeSource(videoId: string): Promise<void>;
  /** Removes every object made of the video. */
  removeMedia(videoId: string): Promise<void>;
}

/** Ends every right to a video that was given away. */
export interface LinkRevoker {
  revokeAll(videoId: string): Promise<void>;
}

export interface VisibilitySetter {
  /** @throws NotFoundError, DomainError sharing-unavailable */
  set(owner: string, videoId: string, visibility: Visibility): Promise<void>;
}

export interface PosterSigner {
  signedPath(path: string, expiresAt: Date): Promise<string>;
}
