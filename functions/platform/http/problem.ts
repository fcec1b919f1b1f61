import type { Problem, ProblemCode } from "@sluice/contracts";
import { sqlStateOf } from "../database/sql-state.ts";
import { DomainError } from "../errors.ts";

const catalogue: Record<ProblemCode, { readonly status: number; readonly title: string }> = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "A valid token is needed" },
  forbidden: { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "unsupported-media-type": { status: 415, title: "The body must be JSON" },
  "file-empty": { status: 422, title: "The file is empty" },
  "file-too-large": { status: 413, title: "The file is too large" },
  "idempotency-key-missing": { status: 400, title: "The header Idempotency-Key is missing" },
  "idempotency-key-reused": {
    status: 422,
    title: "The Idempotency-Key belongs to another request",
  },
  "parts-missing": { status: 409, title: "Parts are missing" },
  "part-mismatch": { status: 409, title: "A part differs from the one stored" },
  "size-mismatch": { status: 409, title: "The size differs from the one declared" },
  "upload-completed": { status: 409, title: "The upload is complete already" },
  "upload-aborted": { status: 410, title: "The upload was aborted" },
  "not-playable": { status: 409, title: "The video cannot be played yet" },
  "too-many-webhooks": { status: 409, title: "There are as many webhooks as there may be" },
  "webhook-disabled": { status: 409, title: "The webhook is disabled" },
  "secret-replaced": { status: 409, title: "Another secret is in use" },
  "too-many-links": { status: 409, title: "The video has too many links" },
  "sharing-unavailable": { status: 501, title: "Videos cannot be shared here" },
  "payload-too-large": { status: 413, title: "The request is too large" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  timeout: { status: 504, title: "The answer took too long" },
  unavailable: { status: 503, title: "Not available at the moment" },
  internal: { status: 500, title: "Something went wrong" },
};

/** A fault of ours as outsiders see it: nothing about the inside. */
const opaque = new DomainError("internal", "The fault is ours and was recorded. Try again later.");

const notNow = new DomainError("unavailable", "A part of the service is busy. Try again shortly.");

/** What AWS answers while a service is busy or wakes; the SDK has tried again already. */
const transientNames = new Set([
  // A key value store that others kept changing.
  "ConflictException",
  "DatabaseResumingException",
  "DatabaseUnavailableException",
  "ServiceUnavailable",
  "ServiceUnavailableError",
  "SlowDown",
  "ThrottlingException",
  "TooManyRequestsException",
]);

const isTransient = (error: unknown): boolean =>
  error instanceof Error && (transientNames.has(error.name) || isTransient(error.cause));

/** Class 53 of PostgreSQL is a want of resources (a full disk is 53100), 57P a server that stops or starts. */
const isDatabaseShort = (error: unknown): boolean => /^(53|57P)/.test(sqlStateOf(error) ?? "");

const publicForm = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  return isTransient(error) || isDatabaseShort(error) ? notNow : opaque;
};

/** The RFC 9457 form of an error. */
export const problemOf = (error: unknown, requestId: string): Problem => {
  const known = publicForm(error);
  const { status, title } = catalogue[known.code];
  return {
    type: `urn:sluice:problem:${known.code}`,
    title,
    status,
    code: known.code,
    detail: known.message,
    requestId,
    ...(known.errors === undefined ? {} : { errors: known.errors.map((entry) => ({ ...entry })) }),
  };
};
