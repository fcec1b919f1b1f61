/** One PUT of one part. */
export interface PartRequest {
  readonly url: string;
  /** Bytes of the file: from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal;
  /** Bytes of this part handed to the network so far. */
  readonly onProgress: (bytes: number) => void;
}

export interface PartAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly retryAfter: string | undefined;
  /** Of an error, at most a few KiB: S3's XML. */
  readonly body: string;
}

/** The way of bytes to a link. */
export interface PartSource {
  /** Rejects when no answer came; an answer of any status resolves. */
  sendPart(request: PartRequest): Promise<PartAnswer>;
  /** @throws SourceChangedError */
  verifyUnchanged(): Promise<void>;
}

/**
 * A file to upload, and the way its bytes reach a link: the two belong together, since a browser
 * sends a Blob by XMLHttpRequest and Node a file stream by node:http.
 */
export interface UploadSource extends PartSource {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the Unix epoch. With name and size it says whether two files are the same. */
  readonly lastModified: number;
  readonly contentType?: string;
}

/** Bytes of unknown number that can be read once: a part is held until it has arrived. */
export interface StreamSource extends PartSource {
  readonly name: string;
  readonly contentType?: string;
  /** Waits until something or the end has come; true when there is something. */
  hasMore(signal: AbortSignal): Promise<boolean>;
  /** Reads that many bytes on and holds them as one part; fewer at the end, and then 0. */
  hold(bytes: number, signal: AbortSignal): Promise<number>;
  /** Gives up the part that begins at byte `start`. */
  release(start: number): void;
}

/** `<Error><Code>NoSuchUpload</Code>…` (AWS: "REST error responses"). */
export function s3ErrorCode(body: string): string | undefined {
  return /<Code>([A-Za-z0-9.]{1,100})<\/Code>/.exec(body)?.[1];
}
