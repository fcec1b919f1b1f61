import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import type { Credentials } from "../context.ts";
import { canonicalRequest, sha256Hex } from "./canonical-request.ts";
import {
  algorithm,
  type Claim,
  malformed,
  readClaim,
  type SigningAlgorithm,
} from "./signature-claim.ts";
import { verifyAsymmetric } from "./sigv4a.ts";

const skewMs = 15 * 60_000;

/** Checks the chained signatures of a signed aws-chunked body. */
export interface ChunkSigner {
  checkChunk(chunkSha256: string, signature: string): boolean;
  checkTrailer(trailerSha256: string, signature: string): boolean;
}

export interface SignatureRules {
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Default AWS4-HMAC-SHA256. */
  readonly signingAlgorithm?: SigningAlgorithm | undefined;
  /** Hash of the body for clients that send none (SDKs outside S3); read only once the rest holds. */
  readonly bodyHash: () => Promise<string>;
}

export interface VerifiedSignature {
  readonly accessKeyId: string;
  /** What the signature says of the body: a SHA-256 in hex, `UNSIGNED-PAYLOAD` or `STREAMING-…`. */
  readonly payloadHash: string;
  /** Signs the chunks of a `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` body; an asymmetric one signs none. */
  readonly chunks?: ChunkSigner;
}

/**
 * Checks the AWS Signature Version 4 of a request, in its header or in its query.
 * `undefined` when it carries none.
 * @throws AwsError, for example SignatureDoesNotMatch, RequestTimeTooSkewed, InvalidAccessKeyId
 */
export async function verifySignature(
  request: IncomingMessage,
  rules: SignatureRules,
): Promise<VerifiedSignature | undefined> {
  const { signingAlgorithm = algorithm } = rules;
  const isAsymmetric = signingAlgorithm !== algorithm;
  const claim = readClaim(request, rules.service, signingAlgorithm);
  if (!claim) return undefined;
  const isS3 = rules.service === "s3";

  const [accessKeyId, date, ...scopeParts] = claim.credential.split("/");
  // An asymmetric signature names its regions in a header of their own.
  const region = isAsymmetric ? undefined : scopeParts.shift();
  const [service, terminator, ...rest] = scopeParts;
  if (!accessKeyId || !date || terminator !== "aws4_request" || rest.length > 0) {
    const form = isAsymmetric ? "SERVICE" : "REGION/SERVICE";
    throw malformed(`the credential is not KEY/DATE/${form}/aws4_request`);
  }
  if (accessKeyId !== rules.credentials.accessKeyId) {
    throw isS3
      ? new AwsError(
          "InvalidAccessKeyId",
          "The AWS Access Key Id you provided does not exist in our records.",
          403,
          { AWSAccessKeyId: accessKeyId },
        )
      : new AwsError(
          "UnrecognizedClientException",
          "The security token included in the request is invalid.",
          403,
        );
  }
  if (isAsymmetric) checkRegionSet(claim, rules.region);
  else if (region !== rules.region) {
    throw malformed(`the region '${region}' is wrong; expecting '${rules.region}'`, {
      Region: rules.region,
    });
  }
  if (service !== rules.service) {
    throw malformed(`incorrect service '${service}'; this request belongs to '${rules.service}'`);
  }
  if (!claim.timestamp.startsWith(date)) {
    throw malformed(`the date '${date}' of the credential is not the date of the request`);
  }
  checkTime(claim, rules.clock.now(), isS3);
  checkSignedHeaders(request, claim, isS3);

  const payloadHash = claim.declaredHash ?? (await rules.bodyHash());
  const scope = [date, ...(isAsymmetric ? [] : [region]), service, "aws4_request"].join("/");
  const canonical = canonicalRequest(request, {
    service: rules.service,
    signedHeaders: claim.signedHeaders,
    payloadHash,
  });
  const toSign = [signingAlgorithm, claim.timestamp, scope, sha256Hex(canonical)];
  const mismatch = () =>
    new AwsError(
      isS3 ? "SignatureDoesNotMatch" : "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      403,
      isS3 ? { AWSAccessKeyId: accessKeyId, CanonicalRequest: canonical } : {},
    );
  if (isAsymmetric) {
    if (!verifyAsymmetric(rules.credentials, toSign.join("\n"), claim.signature)) throw mismatch();
    return { accessKeyId, payloadHash };
  }
  const key = signingKey(rules.credentials.secretAccessKey, date, rules.region, service);
  const sign = (...lines: string[]): string =>
    createHmac("sha256", key).update(lines.join("\n")).digest("hex");
  const expected = sign(...toSign);
  if (!equalHex(expected, claim.signature)) throw mismatch();

  let previous = expected;
  return {
    accessKeyId,
    payloadHash,
    chunks: {
      checkChunk(chunkSha256, signature) {
        previous = sign(
          `${algorithm}-PAYLOAD`,
          claim.timestamp,
          scope,
          previous,
          sha256Hex(""),
          chunkSha256,
        );
        return equalHex(previous, signature);
      },
      checkTrailer(trailerSha256, signature) {
        const wanted = sign(
          `${algorithm}-TRAILER`,
          claim.timestamp,
          scope,
          previous,
          trailerSha256,
        );
        return equalHex(wanted, signature);
      },
    },
  };
}

/** @throws AwsError when the regions, which must be signed, leave this one out */
function checkRegionSet({ regionSet, signedHeaders }: Claim, region: string): void {
  if (regionSet === undefined || !signedHeaders.includes("x-amz-region-set")) {
    throw malformed("'x-amz-region-set' must be a signed header");
  }
  const isIn = regionSet
    .split(",")
    .map((each) => each.trim())
    .some((each) => each === "*" || each === region);
  if (!isIn) throw malformed(`the regions '${regionSet}' leave out '${region}'`);
}

function checkTime(claim: Claim, now: number, isS3: boolean): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.timestamp);
  if (!match) throw malformed("the date must be in the form 20260101T000000Z");
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const signedAt = Date.UTC(
    year ?? 0,
    (month ?? 1) - 1,
    day ?? 1,
    hour ?? 0,
    minute ?? 0,
    second ?? 0,
  );
  const times = {
    RequestTime: claim.timestamp,
    ServerTime: new Date(now).toISOString(),
    MaxAllowedSkewMilliseconds: String(skewMs),
  };
  if (claim.expiresSeconds !== undefined) {
    const expiresAt = signedAt + claim.expiresSeconds * 1000;
    if (now >= expiresAt) {
      throw new AwsError("AccessDenied", "Request has expired", 403, {
        "X-Amz-Expires": String(claim.expiresSeconds),
        Expires: new Date(expiresAt).toISOString(),
        ServerTime: times.ServerTime,
      });
    }
    if (signedAt > now + skewMs) {
      throw new AwsError("AccessDenied", "Request is not yet valid", 403, times);
    }
    return;
  }
  if (Math.abs(now - signedAt) > skewMs) {
    throw isS3
      ? new AwsError(
          "RequestTimeTooSkewed",
          "The difference between the request time and the current time is too large.",
          403,
          times,
        )
      : new AwsError(
          "InvalidSignatureException",
          `Signature expired: ${claim.timestamp} is more than 15 minutes from ${times.ServerTime}`,
          403,
        );
  }
}

function checkSignedHeaders(request: IncomingMessage, claim: Claim, isS3: boolean): void {
  if (!claim.signedHeaders.includes("host")) {
    throw malformed("'host' must be a signed header");
  }
  if (!isS3) return;
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && !claim.signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw new AwsError(
      "AccessDenied",
      "There were headers present in the request which were not signed",
      403,
      { HeadersNotSigned: unsigned.join(", ") },
    );
  }
}

function signingKey(secret: string, date: string, region: string, service: string): Buffer {
  const hmac = (key: string | Buffer, data: string) =>
    createHmac("sha256", key).update(data).digest();
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
}

function equalHex(expected: string, given: string): boolean {
  const a = Buffer.from(expected, "utf8");
  const b = Buffer.from(given, "utf8");
  return a.length === b.length && timingSafeEqual(a, b);
}
