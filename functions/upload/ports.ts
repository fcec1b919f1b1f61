import type { Dispatch } from "@sluice/contracts";
import type { StoredPart } from "./domain/completion.ts";

export interface UploadRecord {
  readonly uploadId: string;
  readonly videoId: string;
  /** Bytes of the whole file; undefined while an upload that began without them goes on. */
  readonly size: number | undefined;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  readonly state: "open" | "completed" | "aborted";
  /** The multipart upload's id at the store; absent until the store has opened it. */
  readonly storageId: string | undefined;
  /** Tells whether an Idempotency-Key came with the same request. */
  readonly requestHash: string;
  /** Fingerprint of the parts that a completion named when it asked the store. */
  readonly completedParts: string | undefined;
  /** When its uploader was last heard of, to the hour. */
  readonly activeAt: Date;
}

export interface NewUpload {
  readonly uploadId: string;
  readonly videoId: string;
  readonly owner: string;
  readonly title: string;
  readonly fileName: string;
  readonly size: number | undefined;
  readonly partSize: number;
  readonly dispatch: Dispatch;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly correlationId: string;
}

/** Uploads and the videos they will become. */
export interface UploadStore {
  /** Records upload and video together; answers the earlier upload when the owner used this key before. */
  create(upload: NewUpload): Promise<UploadRecord>;
  find(owner: string, uploadId: string): Promise<UploadRecord | undefined>;
  /** Remembers the store's id unless there is one already; answers the one that holds, undefined when the upload is not open. */
  attachStorage(uploadId: string, storageId: string): Promise<string | undefined>;
  /** The uploader was heard of just now. */
  touch(uploadId: string): Promise<void>;
  /** Remembers, before the store is asked, which parts are about to become the file. */
  intendCompletion(uploadId: string, completedParts: string): Promise<void>;
  /** Closes the upload with what it came to, and lets its video be planned, unless that has begun already. */
  markCompleted(uploadId: string, completedParts: string, size: number): Promise<void>;
  /** Ends an open upload and hides its video; both stay known, so that a repeat is recognised. */
  markAborted(uploadId: string): Promise<void>;
}

export type CompletionOutcome =
  | "completed"
  /** The store knows no such multipart upload, and no file came of it. */
  | "gone"
  /** The store holds other parts than it listed a moment ago. */
  | "parts-changed";

/** Where the bytes go. */
export interface SourceStorage {
  /** Opens a multipart upload; answers its id. */
  open(videoId: string, contentType: string | undefined): Promise<string>;
  /** A link for one PUT of exactly `length` bytes. */
  signPart(part: {
    readonly videoId: string;
    readonly storageId: string;
    readonly partNumber: number;
    readonly length: number;
    readonly expiresInSeconds: number;
  }): Promise<string>;
  /** One page of parts after number `after`, in order; undefined when the upload is gone. */
  listParts(
    videoId: string,
    storageId: string,
    after: number,
  ): Promise<{ readonly parts: StoredPart[]; readonly nextAfter: number | undefined } | undefined>;
  complete(upload: {
    readonly videoId: string;
    readonly storageId: string;
    readonly parts: readonly StoredPart[];
    readonly size: number;
  }): Promise<CompletionOutcome>;
  /** Bytes of the finished file; undefined when there is none. */
  sizeOf(videoId: string): Promise<number | undefined>;
  /** Gives up a multipart upload and frees its parts; nothing to do when it is gone. */
  abort(videoId: string, storageId: string): Promise<void>;
}

export interface UploadPorts {
  readonly store: UploadStore;
  readonly storage: SourceStorage;
}
