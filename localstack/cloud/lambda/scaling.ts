/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const INITIAL = 5;
const STEP = 5;
export const SCALING_INTERVAL_MS = 1000;
const MAXIMUM = 1250;

/** How many batches of one mapping may be in work: 5 at first, 300 more a minute while there is a backlog. */
export class Scaling {
  readonly #maximum: number;
  #limit: number;

  constructor(maximumConcurrency: number | undefined) {
    this.#maximum = maximumConcurrency ?? MAXIMUM;
    this.#limit = Math.min(INITIAL, this.#maximum);
  }

  get limit(): number {
    return this.#limit;
  }

  /** To be called once per interval in which there was more to do than the limit allowed. */
  grow(): void {
    this.#limit = Math.min(this.#maximum, this.#limit + STEP);
  }

  /** To be called when nothing is left to do. */
  reset(): void {
    this.#limit = Math.min(INITIAL, this.#maximum);
  }
}
