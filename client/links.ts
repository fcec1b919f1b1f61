import type { SluiceApi } from "./api.ts";
import type { Clock } from "./clock.ts";
import { AnswerError } from "./errors.ts";
import type { PartSchedule } from "./part-schedule.ts";

/** Signed links on demand: whoever needs one waits for the same request, which signs a hundred. */
export class PartLinks {
  readonly #api: SluiceApi;
  readonly #uploadId: string;
  readonly #schedule: PartSchedule;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #signing: Promise<ReadonlyMap<number, string>> | undefined;

  constructor(
    api: SluiceApi,
    uploadId: string,
    schedule: PartSchedule,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#api = api;
    this.#uploadId = uploadId;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#signal = signal;
  }

  async linkFor(partNumber: number): Promise<string> {
    const known = this.#schedule.link(partNumber, this.#clock.now());
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
    const partNumbers = this.#schedule.toSign(this.#clock.now());
    const { lastPart } = this.#schedule;
    const answer = await this.#api.signParts(
      this.#uploadId,
      { partNumbers, ...(lastPart && partNumbers.includes(lastPart.partNumber) && { lastPart }) },
      { signal: this.#signal },
    );
    this.#schedule.addLinks(answer.parts, Date.parse(answer.expiresAt));
    return new Map(
      answer.parts
        .filter(({ partNumber, contentLength }) => {
          const { start, end } = this.#schedule.range(partNumber);
          return contentLength === end - start;
        })
        .map(({ partNumber, url }) => [partNumber, url]),
    );
  }
}
