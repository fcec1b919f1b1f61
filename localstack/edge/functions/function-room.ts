import { setFlagsFromString } from "node:v8";
import vm from "node:vm";
import { z } from "zod";
import { namedImports } from "./imports.ts";
import { roomModules } from "./room-modules.ts";
import type { RoomService } from "./room-services.ts";
import { roomSource } from "./room-source.ts";
import { countSteps, stepName } from "./step-budget.ts";

// A regular expression takes no steps that could be counted: one that backtracks too much goes on
// in V8's other engine, whose time is linear. For the whole process, since V8 knows no other scope.
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
setFlagsFromString("--regexp-backtracks-before-fallback=10000");

/** What came of one event: a value, or why there is none. */
const outcomeSchema = z.strictObject({
  value: z.unknown().optional(),
  error: z.string().optional(),
  log: z.array(z.string()),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** The room's own door: text in, text out, so that no object of this process gets inside. */
interface Door {
  equip(makeModules: unknown, hash: RoomService, store: RoomService | undefined): void;
  give(makeHandler: unknown, event: string): void;
  outcome(): unknown;
}

export interface RoomEquipment {
  /** Of runtime 2.0, which has `import`. */
  readonly isModern: boolean;
  readonly hash: RoomService;
  /** Of the associated key value store, if there is one. */
  readonly store?: RoomService;
}

/**
 * One function in a global scope of its own: the built-in objects of the language, frozen,
 * `console.log`, and the modules `crypto` and `cloudfront`; no timers or network, and no code from
 * strings.
 */
export class FunctionRoom {
  readonly #context: vm.Context;
  readonly #door: Door;
  readonly #makeHandler: unknown;
  readonly #run = new vm.Script("$door.run()");

  /** @throws SyntaxError */
  constructor(name: string, code: string, { isModern, hash, store }: RoomEquipment) {
    const counted = countSteps(isModern ? namedImports(code) : code);
    this.#context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
      name,
      codeGeneration: { strings: false, wasm: false },
      // Promises go on until the run ends, and never after it.
      microtaskMode: "afterEvaluate",
    });
    this.#door = vm.runInContext(roomSource, this.#context) as Door;
    this.#door.equip(vm.runInContext(roomModules, this.#context), hash, store);
    // The code is the body of a function that each event calls anew: its variables start afresh,
    // as they do at CloudFront, while it is compiled once. The first parameter hides the door.
    this.#makeHandler = vm.compileFunction(
      `${counted}\nreturn handler;`,
      ["$door", stepName, "require"],
      {
        filename: `${name}.js`,
        parsingContext: this.#context,
      },
    );
  }

  /** Undefined when a handler waits for what will not come. @param event JSON */
  run(event: string): Outcome | undefined {
    this.#door.give(this.#makeHandler, event);
    this.#run.runInContext(this.#context);
    const text = this.#door.outcome();
    return typeof text === "string" ? outcomeSchema.parse(JSON.parse(text)) : undefined;
  }
}
