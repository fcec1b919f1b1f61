/** Bytes [first, end) of an object. */
export type RangeReader = (first: number, end: number, signal: AbortSignal) => Promise<Uint8Array>;

const blockBytes = 1024 * 1024;
/** One read covers up to this many blocks once a client goes on reading in order. */
const maxReadBlocks = 4;
/** 48 MiB: an index of some hours, and a window around every stream. */
const maxCachedBlocks = 48;

/** Reads an object in bounded ranges, ahead of who reads it in order, and keeps what was read last. */
export class BlockCache {
  readonly #options: {
    readonly bytes: number;
    readonly read: RangeReader;
    readonly signal: AbortSignal;
  };
  /** In the order of their last use. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>();
  bytesRead = 0;

  constructor(options: {
    readonly bytes: number;
    readonly read: RangeReader;
    readonly signal: AbortSignal;
  }) {
    this.#options = options;
  }

  /** Bytes [first, end), block by block; ends early when `isOver` says so. */
  async *stream(first: number, end: number, isOver: () => boolean): AsyncGenerator<Uint8Array> {
    let ahead = 1;
    for (let offset = first; offset < end && !isOver(); ) {
      const index = Math.floor(offset / blockBytes);
      const current = this.#block(index, ahead);
      // Only a client that came this far in order will want the next ones.
      if (offset > first) this.#prefetch(index + 1, ahead, end);
      const block = await current;
      const from = offset - index * blockBytes;
      const to = Math.min(block.length, end - index * blockBytes);
      yield block.subarray(from, to);
      offset += to - from;
      ahead = Math.min(maxReadBlocks, ahead * 2);
    }
  }

  #prefetch(index: number, count: number, end: number): void {
    if (index * blockBytes >= end) return;
    // Whoever waits for the block sees its failure.
    this.#block(index, count).catch(() => {});
  }

  /** A block, fetched together with up to `count - 1` following ones that are missing too. */
  #block(index: number, count: number): Promise<Uint8Array> {
    const known = this.#blocks.get(index);
    if (known) {
      this.#keep(index, known);
      return known;
    }
    const { bytes, read, signal } = this.#options;
    let blocks = 1;
    while (
      blocks < count &&
      (index + blocks) * blockBytes < bytes &&
      !this.#blocks.has(index + blocks)
    )
      blocks += 1;
    const first = index * blockBytes;
    const end = Math.min(bytes, first + blocks * blockBytes);
    const window = read(first, end, signal).then((data) => {
      if (data.length !== end - first)
        throw new Error(`The source answered ${data.length} of ${end - first} bytes.`);
      this.bytesRead += data.length;
      return data;
    });
    for (let offset = 0; offset < blocks; offset += 1) {
      const block = window.then((data) =>
        data.subarray(offset * blockBytes, (offset + 1) * blockBytes),
      );
      block.catch(() => this.#blocks.delete(index + offset));
      this.#keep(index + offset, block);
    }
    return this.#blocks.get(index) ?? Promise.reject(new Error("A block was dropped at once."));
  }

  #keep(index: number, block: Promise<Uint8Array>): void {
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= maxCachedBlocks) return;
      this.#blocks.delete(oldest);
    }
  }
}
