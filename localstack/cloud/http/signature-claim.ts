import type { IncomingMessage } from "node:http";
import { AwsError } from "../aws-error.ts";
import { splitTarget } from "./address.ts";
import { parseQuery } from "./canonical-request.ts";

/** Version 4 with a key that both sides have, and its form with a key pair that many regions take. */
export type SigningAlgorithm = "AWS4-HMAC-SHA256" | "AWS4-ECDSA-P256-SHA256";
export const algorithm = "AWS4-HMAC-SHA256";
const longestExpirySeconds = 604_800;

/** What a request says of its own signature. */
export interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260101T000000Z` */
  readonly timestamp: string;
  readonly expiresSeconds?: number;
  readonly declaredHash: string | undefined;
  /** Regions for which an asymmetric signature holds, as the request names them. */
  readonly regionSet?: string | undefined;
}

/**
 * Reads the signature of a request from its header or its query; `undefined` when it has none.
 * @throws AwsError when it is there and not whole
 */
export function readClaim(
  request: IncomingMessage,
  service: string,
  expected: SigningAlgorithm,
): Claim | undefined {
  const authorization = request.headers.authorization;
  const query = new Map(parseQuery(splitTarget(request.url ?? "/").query));
  const signsQuery = query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature");
  // Signature Version 2, as old tools make it; AWS refuses it for buckets made since June 2020.
  const isVersion2 =
    authorization?.startsWith("AWS ") || (query.has("AWSAccessKeyId") && query.has("Signature"));
  if (isVersion2) {
    throw new AwsError(
      "InvalidRequest",
      `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    );
  }
  if (!authorization?.startsWith("AWS")) {
    return signsQuery ? readQueryClaim(request, query, expected) : undefined;
  }
  if (signsQuery) {
    throw new AwsError(
      "InvalidArgument",
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified.",
    );
  }
  return readHeaderClaim(request, authorization, service, expected);
}

function readHeaderClaim(
  request: IncomingMessage,
  authorization: string,
  service: string,
  expected: SigningAlgorithm,
): Claim {
  const headerHash = single(request, "x-amz-content-sha256");
  const match = /^(\S+)\s+(.*)$/.exec(authorization);
  if (match?.[1] !== expected) {
    throw malformed(`the mechanism is not supported; please use ${expected}`);
  }
  const fields = new Map(
    (match[2] ?? "").split(",").map((field) => {
      const [name = "", ...value] = field.trim().split("=");
      return [name, value.join("=")];
    }),
  );
  const credential = fields.get("Credential");
  const signedHeaders = fields.get("SignedHeaders");
  const signature = fields.get("Signature");
  const timestamp = single(request, "x-amz-date");
  if (!credential || !signedHeaders || !signature) {
    throw malformed("Credential, SignedHeaders and Signature are all needed");
  }
  if (!timestamp) {
    throw new AwsError(
      "AccessDenied",
      "AWS authentication requires a valid Date or x-amz-date header",
      403,
    );
  }
  if (service === "s3" && headerHash === undefined) {
    throw new AwsError(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    );
  }
  return {
    credential,
    signedHeaders: signedHeaders.split(";"),
    signature,
    timestamp,
    declaredHash: headerHash,
    regionSet: single(request, "x-amz-region-set"),
  };
}

function readQueryClaim(
  request: IncomingMessage,
  query: ReadonlyMap<string, string>,
  expected: SigningAlgorithm,
): Claim {
  const parameter = (name: string) => query.get(name);
  if (expected !== algorithm) throw queryError("This service takes no signature in the query.");
  if (parameter("X-Amz-Algorithm") !== algorithm) {
    throw queryError(`X-Amz-Algorithm only supports "${algorithm}".`);
  }
  const credential = parameter("X-Amz-Credential");
  const signedHeaders = parameter("X-Amz-SignedHeaders");
  const signature = parameter("X-Amz-Signature");
  const timestamp = parameter("X-Amz-Date");
  const expires = parameter("X-Amz-Expires");
  if (!credential || !signedHeaders || !signature || !timestamp || !expires) {
    throw queryError(
      "Query-string authentication requires X-Amz-Credential, X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature.",
    );
  }
  if (!/^\d{1,9}$/.test(expires)) throw queryError("X-Amz-Expires should be a number.");
  const expiresSeconds = Number(expires);
  if (expiresSeconds < 1 || expiresSeconds > longestExpirySeconds) {
    throw queryError(`X-Amz-Expires must be from 1 to ${longestExpirySeconds} seconds (a week).`);
  }
  return {
    credential,
    signedHeaders: signedHeaders.split(";"),
    signature,
    timestamp,
    expiresSeconds,
    declaredHash:
      single(request, "x-amz-content-sha256") ??
      parameter("X-Amz-Content-Sha256") ??
      "UNSIGNED-PAYLOAD",
  };
}

/** @param details for example the Region to sign for, which clients then do */
export function malformed(
  reason: string,
  details: Readonly<Record<string, string>> = {},
): AwsError {
  const message = `The authorization is malformed; ${reason}.`;
  return new AwsError("AuthorizationHeaderMalformed", message, 400, details);
}

function queryError(message: string): AwsError {
  return new AwsError("AuthorizationQueryParametersError", message);
}

function single(request: IncomingMessage, name: string): string | undefined {
  return request.headersDistinct[name]?.[0];
}
