import type { CloudContext } from "../context.ts";
import type { Notifications } from "./notifications.ts";
import type { S3Request } from "./request.ts";
import type { BlobStore } from "./storage/blob-store.ts";
import type { BucketStore } from "./storage/bucket-store.ts";
import type { FreedBlobs, ObjectStore } from "./storage/object-store.ts";
import type { UploadStore } from "./storage/upload-store.ts";

/** What the operations of S3 are given. */
export interface S3Environment {
  readonly context: CloudContext;
  readonly buckets: BucketStore;
  readonly objects: ObjectStore;
  readonly uploads: UploadStore;
  readonly blobs: BlobStore;
  readonly notifications: Notifications;
  /**
   * One transaction; what it frees is removed from disk, and what it notifies is sent, only once it
   * has been committed. A full disk becomes AwsError 503.
   */
  commit<T>(work: () => { readonly result: T; readonly freed: FreedBlobs }): T;
}

/** One operation of S3, from the request as far as its answer. */
export type Operation = (environment: S3Environment, request: S3Request) => Promise<void>;
