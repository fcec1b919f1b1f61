export type UploadPhase =
  | "preparing"
  | "uploading"
  | "paused"
  | "completing"
  | "done"
  | "canceled"
  | "failed";

export interface UploadSnapshot {
  readonly phase: UploadPhase;
  /** Known from the moment the upload exists on the server. */
  readonly videoId: string | undefined;
  readonly totalBytes: number;
  /** Bytes that the storage has confirmed. */
  readonly confirmedBytes: number;
  /** Confirmed and on their way. */
  readonly bytes: number;
  readonly bytesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Why nothing moves at the moment, while it is being tried again. */
  readonly trouble: { readonly message: string; readonly offline: boolean } | undefined;
}

export interface UploadResult {
  readonly videoId: string;
}
