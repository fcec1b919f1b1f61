import type { IncomingMessage } from "node:http";
import pRetry, { AbortError } from "p-retry";
import type { LinkTransfer } from "../ports.ts";
import type { RangeReader } from "./block-cache.ts";
import { readBody, requestLink } from "./link-request.ts";

/** The link was refused: expired, or never meant for this. */
export class LinkRefusedError extends Error {
  override readonly name = "LinkRefusedError";
}

const retries = { retries: 4, minTimeout: 100, maxTimeout: 3_000, randomize: true };
const attemptMs = 60_000;

const isSuccess = ({ statusCode = 0 }: IncomingMessage) => statusCode >= 200 && statusCode < 300;

/** Says what happened without the link, which is a capability. */
const refuse = (what: string, response: IncomingMessage): never => {
  const { statusCode: status = 0 } = response;
  response.resume();
  const error = new LinkRefusedError(`${what} answered ${status}.`);
  // 409: somebody writes the same key just now (S3, conditional writes); 429 and 5xx pass.
  const isTransient = status === 409 || status === 408 || status === 429 || status >= 500;
  throw isTransient ? error : new AbortError(error);
};

const attempt = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  pRetry(() => work(AbortSignal.any([signal, AbortSignal.timeout(attemptMs)])), {
    ...retries,
    signal,
    shouldRetry: () => !signal.aborted,
  });

const fetchBytes = async (
  url: string,
  headers: Record<string, string>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const response = await requestLink(url, { method: "GET", headers, signal });
  if (!isSuccess(response)) return refuse("The download", response);
  const bytes = await readBody(response, maxBytes);
  if (!bytes) throw new AbortError(new LinkRefusedError("The download is too long."));
  return bytes;
};

/** S3's presigned links. */
export const linkTransfer: LinkTransfer = {
  async put(link, bytes, signal) {
    await attempt(signal, async (attemptSignal) => {
      const response = await requestLink(link.url, {
        method: "PUT",
        headers: link.headers,
        body: bytes,
        signal: attemptSignal,
      });
      // 412: it is there already, from an earlier attempt that wrote the same.
      if (!isSuccess(response) && response.statusCode !== 412) refuse("The upload", response);
      response.resume();
    });
  },
};

/** Reads ranges of what a link points to. */
export const linkRangeReader =
  (url: string): RangeReader =>
  (first, end, signal) =>
    attempt(signal, (attemptSignal) =>
      fetchBytes(url, { range: `bytes=${first}-${end - 1}` }, end - first, attemptSignal),
    );
