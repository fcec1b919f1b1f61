import { maxPartsPerSignRequest } from "@sluice/contracts";
import { LinkBook } from "./link-book.ts";
import type { PartSchedule } from "./part-schedule.ts";

/** Links that are signed ahead: a stream may end at any time, or need an hour for the next part. */
const partsAhead = 10;

/**
 * The parts of a stream as they come to be known: all full but the last. No I/O, no clock.
 */
export class StreamSchedule implements PartSchedule {
  readonly #partSize: number;
  readonly #maxBytes: number;
  readonly #inFlight = new Set<number>();
  readonly #done = new Map<number, string>();
  readonly #links = new LinkBook();
  #partCount = 0;
  #size = 0;
  #confirmedBytes = 0;

  constructor(plan: { readonly partSize: number; readonly maxBytes: number }) {
    this.#partSize = plan.partSize;
    this.#maxBytes = plan.maxBytes;
  }

  /** Bytes added so far. */
  get size(): number {
    return this.#size;
  }

  get confirmedBytes(): number {
    return this.#confirmedBytes;
  }

  /** How long the next part may be: 0 when the stream is as long as is taken. */
  get roomInNextPart(): number {
    return Math.min(this.#partSize, this.#maxBytes - this.#size);
  }

  /** The short part that ends the stream, once there is one. */
  get lastPart(): { readonly partNumber: number; readonly size: number } | undefined {
    const size = this.#size % this.#partSize;
    return size === 0 ? undefined : { partNumber: this.#partCount, size };
  }

  /**
   * Adds the next part, which is in flight from now on.
   * @throws RangeError after a part that was not full, or beyond what is taken
   */
  add(bytes: number): number {
    if (this.lastPart) throw new RangeError("A part that is not full is the last.");
    if (bytes < 1 || bytes > this.roomInNextPart) {
      throw new RangeError(`A part of ${bytes} bytes does not fit; ${this.roomInNextPart} do.`);
    }
    this.#partCount += 1;
    this.#size += bytes;
    this.#inFlight.add(this.#partCount);
    // Signed ahead for a full part, it would not take this one.
    if (this.lastPart) this.#links.drop(this.#partCount);
    return this.#partCount;
  }

  range(partNumber: number): { readonly start: number; readonly end: number } {
    const start = (partNumber - 1) * this.#partSize;
    return { start, end: Math.min(start + this.#partSize, this.#size) };
  }

  confirm(partNumber: number, etag: string): void {
    if (!this.#inFlight.delete(partNumber)) {
      throw new RangeError(`Part ${partNumber} is not in flight.`);
    }
    const { start, end } = this.range(partNumber);
    this.#links.drop(partNumber);
    this.#done.set(partNumber, etag);
    this.#confirmedBytes += end - start;
  }

  /** A part that could not be sent ends the upload: what was read once cannot be read again. */
  release(partNumber: number): void {
    this.#inFlight.delete(partNumber);
  }

  /** What complete is called with. */
  parts(): { partNumber: number; etag: string }[] {
    return [...this.#done]
      .map(([partNumber, etag]) => ({ partNumber, etag }))
      .sort((a, b) => a.partNumber - b.partNumber);
  }

  link(partNumber: number, nowMs: number): string | undefined {
    return this.#links.find(partNumber, nowMs);
  }

  addLinks(
    links: readonly { partNumber: number; url: string; contentLength: number }[],
    expiresAtMs: number,
  ): void {
    for (const { partNumber, url, contentLength } of links) {
      // Signed as a full part while the stream was found to end in it.
      const isOther = partNumber <= this.#partCount && contentLength !== this.#lengthOf(partNumber);
      if (!isOther && !this.#done.has(partNumber))
        this.#links.add(partNumber, { url, expiresAtMs });
    }
  }

  dropLink(partNumber: number): void {
    this.#links.drop(partNumber);
  }

  /** Those in flight, which wait for it, and a few to come, as far as full parts are taken. */
  toSign(nowMs: number): number[] {
    const wanted = [...this.#inFlight];
    const fullParts = this.lastPart ? 0 : Math.floor(this.#maxBytes / this.#partSize);
    const ahead = Math.min(this.#partCount + partsAhead, fullParts);
    for (let next = this.#partCount + 1; next <= ahead; next++) wanted.push(next);
    return wanted
      .filter((partNumber) => !this.link(partNumber, nowMs))
      .slice(0, maxPartsPerSignRequest);
  }

  #lengthOf(partNumber: number): number {
    const { start, end } = this.range(partNumber);
    return end - start;
  }
}
