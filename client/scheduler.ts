import { maxPartsPerSignRequest } from "@sluice/contracts";
import { LinkBook } from "./link-book.ts";
import type { PartSchedule } from "./part-schedule.ts";

export interface PartPlan {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  readonly partCount: number;
}

export interface StoredPart {
  readonly partNumber: number;
  readonly size: number;
  readonly etag: string;
}

/**
 * Which parts are to do, in flight and done, and which links are at hand. No I/O, no clock, no
 * randomness. Each part is in exactly one of the three sets; every step is O(1) per part.
 */
export class PartScheduler implements PartSchedule {
  readonly #plan: PartPlan;
  readonly #inFlight = new Set<number>();
  readonly #done = new Map<number, string>();
  readonly #links = new LinkBook();
  /** Parts that failed or were paused: they come before the ones never tried. */
  readonly #returned: number[] = [];
  /** Every part below it was taken or adopted at least once. */
  #cursor = 1;
  #confirmedBytes = 0;

  /** @throws RangeError when the parts do not make up the file. */
  constructor(plan: PartPlan) {
    const { size, partSize, partCount } = plan;
    const isWhole =
      Number.isSafeInteger(size) &&
      Number.isSafeInteger(partSize) &&
      size > 0 &&
      partSize > 0 &&
      partCount === Math.ceil(size / partSize);
    if (!isWhole) {
      throw new RangeError(`${partCount} parts of ${partSize} bytes do not make ${size} bytes.`);
    }
    this.#plan = plan;
  }

  get confirmedBytes(): number {
    return this.#confirmedBytes;
  }

  get isFinished(): boolean {
    return this.#done.size === this.#plan.partCount;
  }

  /** Bytes of the file that a part covers: from `start` up to, not including, `end`. */
  range(partNumber: number): { readonly start: number; readonly end: number } {
    const start = (partNumber - 1) * this.#plan.partSize;
    return { start, end: Math.min(start + this.#plan.partSize, this.#plan.size) };
  }

  /** Counts what the storage holds already; parts of another length are sent again. */
  adopt(stored: readonly StoredPart[]): void {
    for (const { partNumber, size, etag } of stored) {
      if (partNumber < 1 || partNumber > this.#plan.partCount || this.#done.has(partNumber))
        continue;
      const { start, end } = this.range(partNumber);
      if (size === end - start) this.#settle(partNumber, etag);
    }
  }

  /** The next part to send, which is in flight from now on; undefined when none is left to begin. */
  take(): number | undefined {
    const partNumber = this.#nextUnstarted();
    if (partNumber !== undefined) this.#inFlight.add(partNumber);
    return partNumber;
  }

  /** A part in flight did not arrive: it is to do again. */
  release(partNumber: number): void {
    if (this.#inFlight.delete(partNumber)) this.#returned.push(partNumber);
  }

  confirm(partNumber: number, etag: string): void {
    if (!this.#inFlight.has(partNumber)) {
      throw new RangeError(`Part ${partNumber} is not in flight.`);
    }
    this.#settle(partNumber, etag);
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

  addLinks(links: readonly { partNumber: number; url: string }[], expiresAtMs: number): void {
    for (const { partNumber, url } of links) {
      if (!this.#done.has(partNumber)) this.#links.add(partNumber, { url, expiresAtMs });
    }
  }

  dropLink(partNumber: number): void {
    this.#links.drop(partNumber);
  }

  /**
   * Part numbers worth one signing request: those in flight first, since they wait for it, then
   * the next to come, at most a hundred.
   */
  toSign(nowMs: number): number[] {
    const numbers: number[] = [];
    const consider = (partNumber: number) => {
      if (!this.#done.has(partNumber) && !this.link(partNumber, nowMs)) numbers.push(partNumber);
    };
    for (const partNumber of this.#inFlight) consider(partNumber);
    for (const partNumber of this.#returned) {
      if (numbers.length >= maxPartsPerSignRequest) break;
      consider(partNumber);
    }
    for (let next = this.#cursor; next <= this.#plan.partCount; next++) {
      if (numbers.length >= maxPartsPerSignRequest) break;
      consider(next);
    }
    return numbers.slice(0, maxPartsPerSignRequest);
  }

  #nextUnstarted(): number | undefined {
    for (let next = this.#returned.shift(); next !== undefined; next = this.#returned.shift()) {
      if (!this.#done.has(next)) return next;
    }
    while (this.#cursor <= this.#plan.partCount) {
      const partNumber = this.#cursor++;
      if (!this.#done.has(partNumber)) return partNumber;
    }
    return undefined;
  }

  #settle(partNumber: number, etag: string): void {
    const { start, end } = this.range(partNumber);
    this.#inFlight.delete(partNumber);
    this.#links.drop(partNumber);
    this.#done.set(partNumber, etag);
    this.#confirmedBytes += end - start;
  }
}
