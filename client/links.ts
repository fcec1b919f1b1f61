import type { SluiceApi } from "./api.ts";
import type { Clock } from "./clock.ts";
import { AnswerError } from "./errors.ts";
import type { PartScheduler } from "./scheduler.ts";

/** Signed links on demand: whoever needs one waits for the same request, which signs a hundred. */
export class PartLinks {
  readonly #api: SluiceApi;
  readonly #uploadId: string;
  readonly #scheduler: PartScheduler;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #signing: Promise<ReadonlyMap<number, string>> | undefined;

  constructor(
    api: SluiceApi,
    uploadId: string,
    scheduler: PartScheduler,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#api = api;
    this.#uploadId = uploadId;
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#signal = signal;
  }

  async linkFor(partNumber: number): Promise<string> {
    const known = this.#scheduler.link(partNumber, this.#clock.now());
    if (known) return known;
    // Twice: a request already under way may have begun before this part was taken.
    for (let round = 0; round < 2; round++) {
      this.#signing ??= this.#sign().finally(() => {
        this.#signing = undefined;
      });
      // A fresh link is used whatever the local clock says, which may be hours ahead.
      const url = (await this.#signing).get(partNumber);
      if (url) return url;
    }
    throw new AnswerError(`The server did not sign part ${partNumber}.`, 200);
  }

  async #sign(): Promise<ReadonlyMap<number, string>> {
    const numbers = this.#scheduler.toSign(this.#clock.now());
    const answer = await this.#api.signParts(this.#uploadId, numbers, { signal: this.#signal });
    this.#scheduler.addLinks(answer.parts, Date.parse(answer.expiresAt));
    return new Map(answer.parts.map(({ partNumber, url }) => [partNumber, url]));
  }
}
