import type { Readable } from "node:stream";
import type { StreamSource } from "../source.ts";
import { closeAgents, openAgents, putPart } from "./part-request.ts";

/** A StreamSource of a Node stream; close it when the upload has settled. */
export interface NodeStreamSource extends StreamSource {
  close(): void;
}

/** Standard input, or any other stream of bytes. Its errors reject what reads from it. */
export function streamSource(
  stream: Readable,
  options: { readonly name: string; readonly contentType?: string },
): NodeStreamSource {
  const agents = openAgents();
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const held = new Map<number, readonly Buffer[]>();
  let pending: Promise<IteratorResult<Buffer>> | undefined;
  let rest: Buffer | undefined;
  let position = 0;

  /** A chunk that came while nobody waited any more is kept for the next who asks. */
  const nextChunk = async (signal: AbortSignal): Promise<Buffer | undefined> => {
    if (rest) {
      const chunk = rest;
      rest = undefined;
      return chunk;
    }
    pending ??= chunks.next();
    const { value, done } = await orAbort(pending, signal);
    pending = undefined;
    return done ? undefined : Buffer.from(value);
  };

  return {
    ...options,
    async hasMore(signal) {
      for (let chunk = await nextChunk(signal); chunk; chunk = await nextChunk(signal)) {
        if (chunk.length === 0) continue;
        rest = chunk;
        return true;
      }
      return false;
    },
    async hold(bytes, signal) {
      const part: Buffer[] = [];
      let length = 0;
      while (length < bytes) {
        const chunk = await nextChunk(signal);
        if (!chunk) break;
        const taken = chunk.subarray(0, bytes - length);
        if (taken.length < chunk.length) rest = chunk.subarray(taken.length);
        part.push(taken);
        length += taken.length;
      }
      if (length > 0) held.set(position, part);
      position += length;
      return length;
    },
    release(start) {
      held.delete(start);
    },
    sendPart(part) {
      const bytes = held.get(part.start);
      if (!bytes) throw new RangeError(`No part begins at byte ${part.start}.`);
      return putPart(agents, part, each(bytes));
    },
    async verifyUnchanged() {},
    close() {
      closeAgents(agents);
      held.clear();
      stream.destroy();
    },
  };
}

async function* each(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
