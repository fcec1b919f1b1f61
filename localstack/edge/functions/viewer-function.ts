import type { Log } from "@sluice/cloud";
import { FunctionExecutionError } from "./function-errors.ts";
import type { FunctionEvent } from "./function-event.ts";
import { FunctionRoom } from "./function-room.ts";
import type { FunctionProperties } from "./function-schema.ts";
import { hashForRoom, type StoreReader, storeForRoom } from "./room-services.ts";

/** A function of CloudFront, compiled once. */
export class ViewerFunction {
  readonly name: string;
  /** Only a published function may be associated with a behavior. */
  readonly isPublished: boolean;
  readonly #isAsync: boolean;
  readonly #room: FunctionRoom;
  readonly #log: Log;

  /** @throws SyntaxError when the code is none that this runtime takes */
  constructor(
    { Name, FunctionCode, FunctionConfig, AutoPublish }: FunctionProperties,
    log: Log,
    store?: StoreReader,
  ) {
    this.name = Name;
    this.isPublished = AutoPublish === true;
    this.#isAsync = FunctionConfig.Runtime === "cloudfront-js-2.0";
    this.#room = new FunctionRoom(Name, FunctionCode, {
      isModern: this.#isAsync,
      hash: hashForRoom,
      ...(store && { store: storeForRoom(store) }),
    });
    this.#log = log;
  }

  /**
   * What the handler answered.
   * @param query as it came, undefined without a question mark
   * @throws FunctionExecutionError
   */
  run(event: FunctionEvent, query: string | undefined): unknown {
    const outcome = this.#room.run(JSON.stringify({ event, query, isAsync: this.#isAsync }));
    for (const line of outcome?.log ?? []) this.#log("info", line, { function: this.name });
    if (outcome === undefined) {
      throw new FunctionExecutionError(`${this.name} waits for what will not come.`);
    }
    if (outcome.error !== undefined) {
      throw new FunctionExecutionError(`${this.name} threw: ${outcome.error}`);
    }
    return outcome.value;
  }
}
