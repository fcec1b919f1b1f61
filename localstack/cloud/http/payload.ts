import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsError } from "../aws-error.ts";
import type { AwsBodyStream } from "../service.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import type { ChunkSigner } from "./sigv4.ts";

export interface PayloadRules {
  /** SHA-256 in hex, `UNSIGNED-PAYLOAD` or one of the `STREAMING-…` values. */
  readonly payloadHash: string;
  readonly signer?: ChunkSigner | undefined;
  /** A body that sends nothing for this long is cut off (AWS: RequestTimeout). */
  readonly idleMs: number;
}

/**
 * The body of a request, checked against what its signature says of it.
 * @throws AwsError when the hash is of no known form or a needed header is missing
 */
export function openPayload(
  request: IncomingMessage,
  { payloadHash, signer, idleMs }: PayloadRules,
): AwsBodyStream {
  const trailers = new Map<string, string>();
  const raw = rawChunks(request, idleMs);
  if (payloadHash.startsWith("STREAMING-")) {
    const length = byteCount(request.headers["x-amz-decoded-content-length"]);
    if (length === undefined) {
      throw new AwsError(
        "MissingContentLength",
        "You must provide x-amz-decoded-content-length.",
        411,
      );
    }
    const signed = payloadHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    if (!signed && payloadHash !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
      throw new AwsError(
        "NotImplemented",
        `x-amz-content-sha256 ${payloadHash} is not supported.`,
        501,
      );
    }
    const hasTrailer = payloadHash.endsWith("-TRAILER");
    const chunks = decodeAwsChunked(raw, {
      length,
      trailers: hasTrailer ? trailers : undefined,
      signer: signed ? signer : undefined,
    });
    return { length, chunks, trailers };
  }

  const length =
    byteCount(request.headers["content-length"]) ??
    (request.headers["transfer-encoding"] === undefined ? 0 : undefined);
  if (payloadHash === "UNSIGNED-PAYLOAD") return { length, chunks: raw, trailers };
  if (!/^[0-9a-f]{64}$/.test(payloadHash)) {
    throw new AwsError(
      "InvalidArgument",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.",
    );
  }
  return { length, chunks: hashedChunks(raw, payloadHash), trailers };
}

/** Collects a body, at most `maxBytes` of it. @throws AwsError RequestEntityTooLargeException (413) */
export async function collect(body: AwsBodyStream, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new AwsError(
      "RequestEntityTooLargeException",
      `Request must be smaller than ${maxBytes} bytes for this operation.`,
      413,
    );
  if (body.length !== undefined && body.length > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of body.chunks) {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total);
}

/**
 * The bytes as they come. Leaves the socket alone when the reader gives up, so that it can still be answered.
 * Times by the wall, not by the cloud's clock: a stalled socket is stalled however time is moved.
 */
async function* rawChunks(request: IncomingMessage, idleMs: number): AsyncGenerator<Buffer> {
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    request.destroy();
  }, idleMs);
  timer.unref();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      timer.refresh();
      yield chunk;
      timer.refresh();
    }
  } catch (error) {
    if (!request.destroyed && !request.errored) throw error;
    throw stalled
      ? new AwsError(
          "RequestTimeout",
          "Your socket connection to the server was not read from or written to within the timeout period.",
        )
      : new AwsError("IncompleteBody", "The connection was closed before the whole body arrived.");
  } finally {
    clearTimeout(timer);
  }
}

async function* hashedChunks(
  chunks: AsyncIterable<Buffer>,
  expected: string,
): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest("hex");
  if (actual !== expected) {
    throw new AwsError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
      { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: actual },
    );
  }
}

function byteCount(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
