import vm from "node:vm";
import { z } from "zod";
import { roomSource } from "./room-source.ts";

/** What came of one event: a value, or why there is none. */
const outcomeSchema = z.strictObject({
  value: z.unknown().optional(),
  error: z.string().optional(),
  log: z.array(z.string()),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** The room's own door: text in, text out, so that no object of this process gets inside. */
interface Door {
  give(makeHandler: () => unknown, events: string): void;
  run(): void;
  outcome(index: number): unknown;
}

/**
 * One function in a global scope of its own: the built-in objects of the language, frozen, and
 * `console.log`; no modules, timers or network, and no code from strings.
 */
export class FunctionRoom {
  readonly #context: vm.Context;
  readonly #door: Door;
  readonly #makeHandler: () => unknown;
  readonly #run = new vm.Script("$door.run()");

  /** @throws SyntaxError */
  constructor(name: string, code: string) {
    this.#context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
      name,
      codeGeneration: { strings: false, wasm: false },
      // Promises go on within the time limit, and never after it.
      microtaskMode: "afterEvaluate",
    });
    this.#door = vm.runInContext(roomSource, this.#context) as Door;
    // The code is the body of a function that each event calls anew: its variables start afresh,
    // as they do at CloudFront, while it is compiled once. The parameter hides the door.
    this.#makeHandler = vm.compileFunction(`${code}\nreturn handler;`, ["$door"], {
      filename: `${name}.js`,
      parsingContext: this.#context,
    }) as () => unknown;
  }

  /**
   * The outcome of each event that was done in time; undefined for the others.
   * @param events JSON of a list
   */
  run(events: string, count: number, timeoutMs: number): (Outcome | undefined)[] {
    this.#door.give(this.#makeHandler, events);
    try {
      this.#run.runInContext(this.#context, { timeout: timeoutMs });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    }
    return Array.from({ length: count }, (_, index) => {
      const text = this.#door.outcome(index);
      return typeof text === "string" ? outcomeSchema.parse(JSON.parse(text)) : undefined;
    });
  }
}
