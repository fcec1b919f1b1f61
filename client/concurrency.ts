/** One stretch of an upload. */
export interface ThroughputSample {
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly failures: number;
}

const concurrencyBounds = { initial: 4, min: 1, max: 8 };

/** How much faster one more connection must make it to be kept, and how much slower is a loss. */
const gain = 1.08;
const loss = 0.9;
/** Samples to stay where it is good before the next trial. */
const rest = 6;

/**
 * How many parts travel at once. Parts are equal, so that every S3-compatible store takes them;
 * what adapts is their number: climb while another connection pays, halve on failures.
 */
export class ConcurrencyGovernor {
  readonly #max: number;
  #concurrency: number;
  #before: number | undefined;
  #trial = false;
  #resting = 0;

  constructor(max = concurrencyBounds.max) {
    this.#max = max;
    this.#concurrency = this.#clamp(concurrencyBounds.initial);
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  observe(sample: ThroughputSample): number {
    if (sample.failures > 0) {
      this.#trial = false;
      this.#before = undefined;
      this.#resting = rest;
      this.#concurrency = this.#clamp(Math.floor(this.#concurrency / 2));
      return this.#concurrency;
    }
    const rate = sample.bytes / Math.max(1, sample.elapsedMs);
    if (this.#trial && this.#before !== undefined && rate < this.#before * gain) {
      this.#trial = false;
      this.#resting = rest;
      if (rate < this.#before * loss || this.#concurrency > concurrencyBounds.initial) {
        this.#concurrency = this.#clamp(this.#concurrency - 1);
      }
      return this.#concurrency;
    }
    if (this.#resting > 0) {
      this.#resting -= 1;
    } else if (this.#concurrency < this.#max) {
      this.#trial = true;
      this.#before = rate;
      this.#concurrency = this.#clamp(this.#concurrency + 1);
    }
    return this.#concurrency;
  }

  #clamp(concurrency: number): number {
    return Math.min(this.#max, Math.max(concurrencyBounds.min, concurrency));
  }
}
