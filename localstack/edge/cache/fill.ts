import type { Readable } from "node:stream";

/** The answer's head, known before its body. */
export interface FillHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  /** Bytes of the whole body. */
  readonly size: number;
}

/**
 * One fetch from the origin that several viewers read while it arrives: simultaneous misses of the
 * same key cost the origin one request, and nobody waits for the end.
 */
export class Fill {
  readonly head: FillHead;
  /** The whole body, once it is there. */
  readonly complete: Promise<Buffer>;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void)[] = [];

  constructor(head: FillHead, body: Readable) {
    this.head = head;
    this.complete = this.#read(body);
    // Readers learn of a failure by `read`; the promise may have nobody else.
    this.complete.catch(() => {});
  }

  async #read(body: Readable): Promise<Buffer> {
    try {
      for await (const chunk of body) {
        this.#chunks.push(chunk as Buffer);
        this.#received += (chunk as Buffer).length;
        this.#notify();
      }
      if (this.#received !== this.head.size) {
        throw new Error(`The origin sent ${this.#received} of ${this.head.size} bytes.`);
      }
      return Buffer.concat(this.#chunks);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    } finally {
      this.#ended = true;
      this.#notify();
    }
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  /** Bytes `start` to `end` inclusive, as they arrive. */
  async *read(start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (let index = 0; offset <= end; index += 1) {
      while (index >= this.#chunks.length) {
        if (this.#failure) throw this.#failure;
        if (this.#ended) return;
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
      const chunk = this.#chunks[index] as Buffer;
      const slice = sliceOf(chunk, offset, start, end);
      if (slice) yield slice;
      offset += chunk.length;
    }
  }
}

/** The part of a chunk at `offset` that lies in `start`..`end`. */
function sliceOf(chunk: Buffer, offset: number, start: number, end: number): Buffer | undefined {
  const from = Math.max(start - offset, 0);
  const to = Math.min(end - offset + 1, chunk.length);
  return from < to ? chunk.subarray(from, to) : undefined;
}
