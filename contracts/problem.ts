import { z } from "zod";

/** Every error code of the HTTP API. Stable: clients branch on it, never on the wording. */
export const problemCodes = [
  "invalid-request",
  "unauthenticated",
  "forbidden",
  "not-found",
  "method-not-allowed",
  "unsupported-media-type",
  "file-empty",
  "file-too-large",
  "idempotency-key-missing",
  "idempotency-key-reused",
  "parts-missing",
  "part-mismatch",
  "size-mismatch",
  "upload-completed",
  "upload-aborted",
  "not-playable",
  "too-many-webhooks",
  "webhook-disabled",
  "secret-replaced",
  "too-many-links",
  "sharing-unavailable",
  "payload-too-large",
  "too-many-requests",
  "timeout",
  "unavailable",
  "internal",
] as const;

export const problemCodeSchema = z.enum(problemCodes);
export type ProblemCode = z.infer<typeof problemCodeSchema>;

/** RFC 9457 problem details; `code` and `errors` are extension members (section 3.2). */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: problemCodeSchema,
  detail: z.string(),
  requestId: z.string().optional(),
  /** What is wrong and where, one entry a field; `path` is dotted, for example `parts.3.etag`. */
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
