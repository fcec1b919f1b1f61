import { AwsError } from "./aws-error.ts";

/**
 * Whether a target has refused for good: it is gone, or the message is not for it, and trying again
 * would change nothing. A target that is full, throttles or fails will take the message later.
 */
export function isFinal(error: unknown): error is AwsError {
  return error instanceof AwsError && error.status < 500 && ![403, 429].includes(error.status);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
