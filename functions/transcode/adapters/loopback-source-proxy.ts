import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BlockCache, type RangeReader } from "./block-cache.ts";

export interface LoopbackSource {
  /** With a secret path, on 127.0.0.1. */
  readonly url: string;
  readonly bytesRead: () => number;
  /** Why a read failed for good; the reader's client only saw a cut connection. */
  readonly failure: () => Error | undefined;
  readonly close: () => Promise<void>;
}

export interface LoopbackSourceOptions {
  readonly bytes: number;
  readonly read: RangeReader;
  readonly signal: AbortSignal;
}

/**
 * Serves one object, and nothing else, to one ffmpeg on this machine: so ffmpeg needs neither the
 * network nor a file, each read is bounded and counted, and what is read twice (a file's index) is
 * fetched once.
 */
export const openLoopbackSource = async (
  options: LoopbackSourceOptions,
): Promise<LoopbackSource> => {
  const path = `/${randomBytes(24).toString("hex")}`;
  const cache = new BlockCache(options);
  let failure: Error | undefined;

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url !== path || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(404).end();
      return;
    }
    const range = rangeOf(request.headers.range, options.bytes);
    if (!range) {
      response.writeHead(416, { "content-range": `bytes */${options.bytes}` }).end();
      return;
    }
    const partial = request.headers.range !== undefined;
    response.writeHead(partial ? 206 : 200, {
      "accept-ranges": "bytes",
      "content-length": range.end - range.first,
      "content-type": "application/octet-stream",
      ...(partial
        ? { "content-range": `bytes ${range.first}-${range.end - 1}/${options.bytes}` }
        : {}),
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    // ffmpeg asks for the rest of the file and hangs up when it has seen enough.
    for await (const block of cache.stream(range.first, range.end, () => response.destroyed)) {
      if (response.destroyed) return;
      if (!response.write(block)) await drained(response);
    }
    response.end();
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error));
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    bytesRead: () => cache.bytesRead,
    failure: () => failure,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const drained = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    const settle = () => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.once("drain", settle).once("close", settle);
  });

/** One range, as ffmpeg asks (RFC 9110 section 14.1.2); the whole object without a header. */
const rangeOf = (header: string | undefined, bytes: number) => {
  if (header === undefined) return { first: 0, end: bytes };
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header);
  if (!match) return undefined;
  const first = Number(match[1]);
  const end = match[2] ? Math.min(bytes, Number(match[2]) + 1) : bytes;
  return first < end ? { first, end } : undefined;
};
