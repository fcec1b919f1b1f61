/** Bytes confirmed by the storage and bytes on their way. Goes back by a failed part at most. */
export class ProgressTracker {
  readonly #inFlight = new Map<number, number>();
  #inFlightBytes = 0;

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** @returns how many bytes are new */
  report(partNumber: number, bytes: number): number {
    const before = this.#inFlight.get(partNumber) ?? 0;
    if (bytes <= before) return 0;
    this.#inFlight.set(partNumber, bytes);
    this.#inFlightBytes += bytes - before;
    return bytes - before;
  }

  /** The part was confirmed, or its attempt failed. */
  forget(partNumber: number): void {
    this.#inFlightBytes -= this.#inFlight.get(partNumber) ?? 0;
    this.#inFlight.delete(partNumber);
  }
}

const windowMs = 8_000;
const slotMs = 250;

/** Bytes per second over the last seconds, in slots, so that it costs nothing however often it is fed. */
export class SpeedMeter {
  #slots: { at: number; bytes: number }[] = [];
  #startedAt: number | undefined;

  add(bytes: number, nowMs: number): void {
    this.#startedAt ??= nowMs;
    const last = this.#slots.at(-1);
    if (last && nowMs - last.at < slotMs) last.bytes += bytes;
    else this.#slots.push({ at: nowMs, bytes });
    this.#forgetBefore(nowMs - windowMs);
  }

  /** Undefined until there is a second to speak of. */
  bytesPerSecond(nowMs: number): number | undefined {
    if (this.#startedAt === undefined) return undefined;
    this.#forgetBefore(nowMs - windowMs);
    const elapsedMs = Math.min(windowMs, nowMs - this.#startedAt);
    if (elapsedMs < 1_000) return undefined;
    const bytes = this.#slots.reduce((sum, slot) => sum + slot.bytes, 0);
    return (bytes * 1000) / elapsedMs;
  }

  /** After a pause: what was before says nothing about what comes. */
  reset(): void {
    this.#slots = [];
    this.#startedAt = undefined;
  }

  #forgetBefore(at: number): void {
    while (this.#slots[0] && this.#slots[0].at < at) this.#slots.shift();
  }
}
