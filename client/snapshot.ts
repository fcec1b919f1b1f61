export type UploadPhase =
  | "preparing"
  | "uploading"
  | "paused"
  | "completing"
  | "done"
  | "canceled"
  | "failed";

/** How an upload goes whose length is not known before its end. */
export interface StreamSnapshot {
  readonly phase: UploadPhase;
  /** Known from the moment the upload exists on the server. */
  readonly videoId: string | undefined;
  readonly totalBytes: number | undefined;
  /** Bytes that the storage has confirmed. */
  readonly confirmedBytes: number;
  /** Confirmed and on their way. */
  readonly bytes: number;
  readonly bytesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Why nothing moves at the moment, while it is being tried again. */
  readonly trouble: { readonly message: string; readonly offline: boolean } | undefined;
}

export interface UploadSnapshot extends StreamSnapshot {
  readonly totalBytes: number;
}

export interface UploadResult {
  readonly videoId: string;
}
