import type { Problem, ProblemCode } from "@sluice/contracts";

/** The API refused: branch on `code`, show `detail`. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly problem: Problem;
  /** What the header Retry-After asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail);
    this.name = "ProblemError";
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer that is neither what the contract says nor a problem: a proxy's page, another server. */
export class AnswerError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, status: number, retryAfterMs?: number) {
    super(message);
    this.name = "AnswerError";
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer at all: no network, connection refused, reset or stalled. */
export class UnreachableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnreachableError";
  }
}

/** The storage answered a part with something other than success. */
export class PartRefusedError extends Error {
  readonly status: number;
  /** S3's error code, for example `NoSuchUpload`. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(partNumber: number, status: number, code?: string, retryAfterMs?: number) {
    super(`The storage refused part ${partNumber} (${status}${code ? ` ${code}` : ""}).`);
    this.name = "PartRefusedError";
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The file is not what it was when the upload began; what was sent cannot be completed. */
export class SourceChangedError extends Error {
  constructor(fileName: string, options?: ErrorOptions) {
    super(
      `"${fileName}" changed while it was being uploaded. Choose it again to start over.`,
      options,
    );
    this.name = "SourceChangedError";
  }
}

/** A stream brought nothing, or more than the server takes. */
export class StreamLengthError extends Error {
  readonly code: ProblemCode & ("file-empty" | "file-too-large");

  constructor(code: StreamLengthError["code"], message: string) {
    super(message);
    this.name = "StreamLengthError";
    this.code = code;
  }
}

export class UploadCanceledError extends Error {
  constructor() {
    super("The upload was cancelled.");
    this.name = "UploadCanceledError";
  }
}

/** The upload was left as it is, to be resumed later. */
export class UploadDetachedError extends Error {
  constructor() {
    super("The upload was left to be resumed later.");
    this.name = "UploadDetachedError";
  }
}
