import type { Log } from "@sluice/cloud";
import { FunctionExecutionError } from "./function-errors.ts";
import type { FunctionEvent } from "./function-event.ts";
import { FunctionRoom, type Outcome } from "./function-room.ts";
import type { FunctionProperties } from "./function-schema.ts";

/** CloudFront allows about a millisecond of its own time; here the machine may be busy elsewhere. */
const timeoutMs = 500;
const maxBatch = 64;

interface Waiting {
  readonly event: string;
  readonly settle: (outcome: Outcome | undefined) => void;
}

/**
 * A function of CloudFront, compiled once.
 *
 * A time limit costs a thread of its own at each run (about 0.15 ms), so all events that arrive in
 * one turn of the event loop run under one limit.
 */
export class ViewerFunction {
  readonly name: string;
  /** Only a published function may be associated with a behavior. */
  readonly isPublished: boolean;
  readonly #properties: FunctionProperties;
  readonly #log: Log;
  #room: FunctionRoom;
  #waiting: Waiting[] = [];

  /** @throws SyntaxError when the code is none that this runtime takes */
  constructor(properties: FunctionProperties, log: Log) {
    const { Name, FunctionCode, AutoPublish } = properties;
    // The language's only way out of a room: import() answers with objects of this process.
    if (/\bimport\b/.test(FunctionCode)) {
      throw new SyntaxError('The word "import" is not allowed: there are no modules here.');
    }
    this.name = Name;
    this.isPublished = AutoPublish === true;
    this.#properties = properties;
    this.#log = log;
    this.#room = this.#open();
  }

  /** What the handler answered. @throws FunctionExecutionError */
  async run(event: FunctionEvent, query: string | undefined): Promise<unknown> {
    const isAsync = this.#properties.FunctionConfig.Runtime === "cloudfront-js-2.0";
    const outcome = await new Promise<Outcome | undefined>((settle) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#runWaiting());
      this.#waiting.push({ event: JSON.stringify({ event, query, isAsync }), settle });
    });
    for (const line of outcome?.log ?? []) this.#log("info", line, { function: this.name });
    if (outcome === undefined) {
      throw new FunctionExecutionError(`${this.name} did not end within ${timeoutMs} ms.`);
    }
    if (outcome.error !== undefined) {
      throw new FunctionExecutionError(`${this.name} threw: ${outcome.error}`);
    }
    return outcome.value;
  }

  #runWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < waiting.length; start += maxBatch) {
      const batch = waiting.slice(start, start + maxBatch);
      const outcomes = this.#runBatch(batch);
      for (const [index, { settle }] of batch.entries()) {
        // One that does not end must not fail its neighbours: they run again, each by itself.
        const lone = outcomes[index] === undefined && batch.length > 1;
        settle(lone ? this.#runBatch(batch.slice(index, index + 1))[0] : outcomes[index]);
      }
    }
  }

  #runBatch(batch: readonly Waiting[]): (Outcome | undefined)[] {
    const events = `[${batch.map(({ event }) => event).join(",")}]`;
    const outcomes = this.#room.run(events, batch.length, timeoutMs);
    // What was cut off may have left promises behind.
    if (outcomes.includes(undefined)) this.#room = this.#open();
    return outcomes;
  }

  #open(): FunctionRoom {
    return new FunctionRoom(this.name, this.#properties.FunctionCode);
  }
}
