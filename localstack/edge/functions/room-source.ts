/**
 * What runs inside a function's room before the function: it takes events as text, calls the
 * handler and keeps what came of each as text. Whatever the function does to its own objects
 * happens in here.
 */
export const roomSource = `
"use strict";
const $door = (() => {
  const { parse, stringify } = JSON;
  const maxLog = 10 * 1024; // "Function logs in CloudFront Functions are truncated at 10 KB"
  const text = (thing) => {
    try { return String((thing && thing.stack) || thing); } catch { return "unknown"; }
  };
  // CloudFront allows about a millisecond of computing; this is more, and soon over all the same.
  const maxSteps = 100_000;
  const maxMs = 500;
  const { now } = Date;
  // One for all: an error that gathers its stack at every step of the way out takes long.
  const endless = new Error("The function does not come to an end.");
  let makeHandler, given, outcome, log, room, steps, deadline, modules;

  const step = () => {
    steps += 1;
    if (steps > maxSteps || (steps % 64 === 0 && now() > deadline)) {
      steps = maxSteps;
      throw endless;
    }
  };
  const print = (...things) => {
    const line = things.map((thing) => typeof thing === "string" ? thing : stringify(thing)).join(" ").slice(0, room);
    room -= line.length;
    if (line !== "") log.push(line);
  };
  const keep = (result) => {
    try { outcome = stringify({ ...result, log }); }
    catch (error) { outcome = stringify({ error: text(error), log }); }
  };

  // None of these is in CloudFront's runtime; some would outlive the call or block it.
  for (const name of ["WebAssembly", "SharedArrayBuffer", "Atomics", "FinalizationRegistry", "WeakRef"]) {
    delete globalThis[name];
  }
  globalThis.console = { log: print, error: print };

  // Frozen, so that no event leaves anything for the next one.
  const seen = new Set();
  const freeze = (thing) => {
    if ((typeof thing !== "object" && typeof thing !== "function") || thing === null || seen.has(thing)) return;
    seen.add(thing);
    Object.freeze(thing);
    freeze(Object.getPrototypeOf(thing));
    for (const key of Reflect.ownKeys(thing)) {
      const property = Object.getOwnPropertyDescriptor(thing, key);
      freeze(property.value); freeze(property.get); freeze(property.set);
    }
  };
  freeze((async () => {}).constructor);
  freeze(Object.getPrototypeOf(function* () {}));
  freeze(Object.getPrototypeOf(async function* () {}));
  freeze([][Symbol.iterator]().__proto__);
  freeze("".matchAll(/./g).__proto__);
  freeze(new Map().entries().__proto__);
  freeze(new Set().entries().__proto__);
  freeze(""[Symbol.iterator]().__proto__);
  freeze(globalThis);

  const require = (name) => {
    if (!Object.hasOwn(modules, name)) throw new Error("There is no module " + name + ".");
    return modules[name];
  };

  return {
    equip(makeModules, hash, store) {
      modules = makeModules(hash, store);
      freeze(modules);
    },
    give(handlerOf, json) {
      makeHandler = handlerOf;
      given = parse(json);
      outcome = undefined;
      log = [];
      room = maxLog;
      steps = 0;
      deadline = now() + maxMs;
    },
    run() {
      const { event, query, isAsync } = given;
      if (isAsync) {
        Object.defineProperty(event.request, "rawQueryString", { value: () => query });
      }
      try {
        const result = makeHandler(undefined, step, require)(event);
        if (!isAsync || !(result instanceof Promise)) return keep({ value: result });
        result.then((value) => keep({ value }), (error) => keep({ error: text(error) }));
      } catch (error) {
        keep({ error: text(error) });
      }
    },
    outcome: () => outcome,
  };
})();
$door;
`;
