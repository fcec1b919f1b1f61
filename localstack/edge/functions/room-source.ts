/**
 * What runs inside a function's room before the function: it takes events as text, calls the
 * handler and keeps what came of each as text. Whatever the function does to its own objects
 * happens in here, within the time limit.
 */
export const roomSource = `
"use strict";
const $door = (() => {
  const { parse, stringify } = JSON;
  const maxLog = 10 * 1024; // "Function logs in CloudFront Functions are truncated at 10 KB"
  const text = (thing) => {
    try { return String((thing && thing.stack) || thing); } catch { return "unknown"; }
  };
  let makeHandler, events, outcomes, log, room;

  const print = (...things) => {
    const line = things.map((thing) => typeof thing === "string" ? thing : stringify(thing)).join(" ").slice(0, room);
    room -= line.length;
    if (room > 0) log.push(line);
  };
  const keep = (index, outcome, lines) => {
    try { outcomes[index] = stringify({ ...outcome, log: lines }); }
    catch (error) { outcomes[index] = stringify({ error: text(error), log: lines }); }
  };
  const runOne = (index) => {
    log = [];
    room = maxLog;
    const lines = log;
    const { event, query, isAsync } = events[index];
    if (isAsync) {
      const rawQueryString = () => query;
      Object.defineProperty(event.request, "rawQueryString", { value: rawQueryString });
    }
    try {
      const result = makeHandler()(event);
      if (!isAsync || !(result instanceof Promise)) return keep(index, { value: result }, lines);
      result.then(
        (value) => keep(index, { value }, lines),
        (error) => keep(index, { error: text(error) }, lines),
      );
    } catch (error) {
      keep(index, { error: text(error) }, lines);
    }
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

  return {
    give(handlerOf, json) { makeHandler = handlerOf; events = parse(json); outcomes = []; },
    run() { for (let index = 0; index < events.length; index += 1) runOne(index); },
    outcome(index) { return outcomes[index]; },
  };
})();
$door;
`;
