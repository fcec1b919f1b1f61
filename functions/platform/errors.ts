import type { ProblemCode } from "@sluice/contracts";

/** One wrong field; `path` is dotted, for example `parts.3.etag`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/**
 * What a rule refuses, for the person or program that asked. Everything that is no DomainError is
 * a fault of ours, and outsiders learn nothing about it.
 */
export class DomainError extends Error {
  override readonly name: string = "DomainError";
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[] | undefined;

  /** @param detail a sentence that says what is wrong and what to do; shown to the caller */
  constructor(code: ProblemCode, detail: string, errors?: readonly FieldError[]) {
    super(detail);
    this.code = code;
    this.errors = errors;
  }
}

export class InvalidRequestError extends DomainError {
  override readonly name = "InvalidRequestError";

  constructor(detail: string, errors?: readonly FieldError[]) {
    super("invalid-request", detail, errors);
  }
}

/** Also the answer for what belongs to somebody else: its existence is nobody's business. */
export class NotFoundError extends DomainError {
  override readonly name = "NotFoundError";

  constructor(what: "upload" | "video" | "link" | "webhook" | "event") {
    super("not-found", `There is no such ${what}.`);
  }
}
