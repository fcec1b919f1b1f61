import { FunctionValidationError } from "./function-errors.ts";

/** "Restrictions on all edge functions": not shown to functions, and not to be added by them. */
const disallowed = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "trailer",
  "upgrade",
  "x-accel-buffering",
  "x-accel-charset",
  "x-accel-limit-rate",
  "x-accel-redirect",
  "x-amzn-auth",
  "x-amzn-cf-billing",
  "x-amzn-cf-id",
  "x-amzn-cf-xff",
  "x-amzn-errortype",
  "x-amzn-fle-profile",
  "x-amzn-header-count",
  "x-amzn-header-order",
  "x-amzn-lambda-integration-tag",
  "x-amzn-requestid",
  "x-cache",
  "x-forwarded-proto",
  "x-real-ip",
]);

export const readOnlyInRequests = ["content-length", "host", "transfer-encoding", "via"] as const;
export const readOnlyInResponses = ["warning", "via"] as const;

export function isDisallowed(name: string): boolean {
  return disallowed.has(name) || name.startsWith("x-amz-cf-") || name.startsWith("x-edge-");
}

/** RFC 9110 section 5.1 for names, in lower case as CloudFront wants them; section 5.5 for values. */
const namePattern = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const valuePattern = /^[\t -~\u0080-\u00ff]*$/;

/** @throws FunctionValidationError for a header that a function may not send */
export function checkHeader(name: string, values: readonly string[]): void {
  if (!namePattern.test(name) || isDisallowed(name)) {
    throw new FunctionValidationError(
      `A function may not send the header ${JSON.stringify(name)}.`,
    );
  }
  if (!values.every((value) => valuePattern.test(value))) {
    throw new FunctionValidationError(`The header ${name} has characters that no header may have.`);
  }
}

/** @throws FunctionValidationError when a read-only header is not as it was */
export function checkReadOnly(
  names: readonly string[],
  before: (name: string) => string | undefined,
  after: (name: string) => string | undefined,
): void {
  const changed = names.find((name) => before(name) !== after(name));
  if (changed !== undefined) {
    throw new FunctionValidationError(`A function may not change the header ${changed}.`);
  }
}
