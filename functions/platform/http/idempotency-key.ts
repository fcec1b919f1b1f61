import { DomainError, InvalidRequestError } from "../errors.ts";

/**
 * The key as the caller wrote it, quoted or not: it is opaque, and only compared.
 * Status codes follow draft-ietf-httpapi-idempotency-key-header-07, section 2.7: 400 when it is
 * missing, 422 when it comes with another request.
 *
 * @throws DomainError idempotency-key-missing, invalid-request
 */
export const requireIdempotencyKey = (header: string | undefined): string => {
  if (header === undefined || header === "") {
    throw new DomainError(
      "idempotency-key-missing",
      "Send a header Idempotency-Key, new for each thing you create and the same for each retry.",
    );
  }
  if (!/^[ -~]{1,255}$/.test(header)) {
    throw new InvalidRequestError(
      "The Idempotency-Key takes 1 to 255 printable ASCII characters.",
      [{ path: "idempotency-key", message: "1 to 255 printable ASCII characters." }],
    );
  }
  return header;
};
