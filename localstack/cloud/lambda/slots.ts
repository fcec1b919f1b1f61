/** Counts what runs at once, and lets the rest wait in order. */
export class Slots {
  readonly #limit: () => number;
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves true with a slot, or false without one when `signal` aborts. */
  take(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    if (this.#waiting.length === 0 && this.#inUse < this.#limit()) {
      this.#inUse += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        resolve(false);
      };
      this.#waiting.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  give(): void {
    this.#inUse -= 1;
    this.limitChanged();
  }

  limitChanged(): void {
    while (this.#inUse < this.#limit()) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#inUse += 1;
      next();
    }
  }
}
