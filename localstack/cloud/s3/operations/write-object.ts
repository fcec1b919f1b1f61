import { AwsError } from "../../aws-error.ts";
import type { ChecksumAlgorithm } from "../checksums/algorithms.ts";
import { BodyVerifier, type ExpectedChecksum } from "../checksums/request-checksum.ts";
import { judgeWrite } from "../conditions.ts";
import type { S3Environment } from "../environment.ts";
import { invalidRequest, noSuchKey, preconditionFailed } from "../errors.ts";
import type { ObjectEvent } from "../notification-record.ts";
import type { S3Request } from "../request.ts";

/** Of one PUT: an object or a part. */
const largestBody = 5 * 1024 ** 3;

export interface ReceivedBlob {
  readonly blob: string;
  readonly size: number;
  readonly md5: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/**
 * Streams the body of a request to disk and verifies it; when it is not what was promised, nothing is left.
 * @param refuse looks at the checksum the request promises, before anything is read
 */
export async function receiveBlob(
  environment: S3Environment,
  request: S3Request,
  computed?: ChecksumAlgorithm,
  refuse?: (given: ExpectedChecksum | undefined) => void,
): Promise<ReceivedBlob> {
  const verifier = new BodyVerifier(request, computed);
  refuse?.(verifier.given);
  const { request: incoming } = request.exchange;
  if (
    incoming.headers["content-length"] === undefined &&
    incoming.headers["x-amz-decoded-content-length"] === undefined
  ) {
    throw new AwsError(
      "MissingContentLength",
      "You must provide the Content-Length HTTP header.",
      411,
    );
  }
  const body = request.exchange.stream();
  if (body.length !== undefined && body.length > largestBody) {
    throw new AwsError(
      "EntityTooLarge",
      "Your proposed upload exceeds the maximum allowed object size.",
      400,
      { ProposedSize: String(body.length), MaxSizeAllowed: String(largestBody) },
    );
  }
  const { blob, size } = await environment.blobs.write(body.chunks, verifier.digests);
  try {
    return { blob, size, ...verifier.finish(body.trailers) };
  } catch (error) {
    await environment.blobs.remove([blob]);
    throw error;
  }
}

/** @throws AwsError PreconditionFailed, NoSuchKey, InvalidRequest */
export function checkWriteConditions(environment: S3Environment, request: S3Request): void {
  const ifMatch = request.header("if-match");
  const ifNoneMatch = request.header("if-none-match");
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    throw invalidRequest("If-None-Match of a write takes only *.");
  }
  const object = environment.objects.find(request.bucket, request.key);
  const verdict = judgeWrite({ ifMatch, ifNoneMatch }, object);
  if (verdict === "missing") throw noSuchKey(request.key);
  if (verdict !== "proceed") throw preconditionFailed(verdict);
}

export function requesterOf({ exchange }: S3Request): ObjectEvent["requester"] {
  const { identity, request, requestId } = exchange;
  return {
    id: identity.kind === "signed" ? identity.accessKeyId : "Anonymous",
    address: request.socket.remoteAddress ?? "127.0.0.1",
    requestId,
  };
}
