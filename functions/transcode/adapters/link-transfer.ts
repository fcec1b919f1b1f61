import pRetry, { AbortError } from "p-retry";
import type { LinkTransfer } from "../ports.ts";
import type { RangeReader } from "./block-cache.ts";

/** The link was refused: expired, or never meant for this. */
export class LinkRefusedError extends Error {
  override readonly name = "LinkRefusedError";
}

const retries = { retries: 4, minTimeout: 100, maxTimeout: 3_000, randomize: true };
const attemptMs = 60_000;

/** Says what happened without the link, which is a capability. */
const refuse = (what: string, status: number): never => {
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
  const response = await fetch(url, { headers, signal });
  if (!response.ok) {
    await response.body?.cancel();
    return refuse("The download", response.status);
  }
  const length = Number(response.headers.get("content-length"));
  if (length > maxBytes) {
    await response.body?.cancel();
    throw new AbortError(new LinkRefusedError(`The download has ${length} bytes.`));
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > maxBytes)
    throw new AbortError(new LinkRefusedError("The download is too long."));
  return bytes;
};

/** S3's presigned links. */
export const linkTransfer: LinkTransfer = {
  async put(link, bytes, signal) {
    await attempt(signal, async (attemptSignal) => {
      const response = await fetch(link.url, {
        method: "PUT",
        headers: link.headers,
        // The DOM's types want a buffer that nobody shares; ours never is.
        body: new Uint8Array(bytes),
        signal: attemptSignal,
      });
      await response.body?.cancel();
      // 412: it is there already, from an earlier attempt that wrote the same.
      if (response.ok || response.status === 412) return;
      refuse("The upload", response.status);
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
