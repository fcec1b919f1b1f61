import { describe, expect, test } from "vitest";
import { FunctionExecutionError } from "./function-errors.ts";
import type { FunctionEvent } from "./function-event.ts";
import type { FunctionRuntime } from "./function-schema.ts";
import { ViewerFunction } from "./viewer-function.ts";

const event: FunctionEvent = {
  version: "1.0",
  context: {
    distributionDomainName: "d.cloudfront.net",
    distributionId: "E1",
    eventType: "viewer-request",
    requestId: "1",
  },
  viewer: { ip: "127.0.0.1" },
  request: { method: "GET", uri: "/a", querystring: {}, headers: {}, cookies: {} },
};
const at = (uri: string): FunctionEvent => ({ ...event, request: { ...event.request, uri } });

const logged: string[] = [];
function made(code: string, runtime: FunctionRuntime = "cloudfront-js-2.0") {
  logged.length = 0;
  const properties = {
    Name: "tested",
    AutoPublish: true,
    FunctionCode: code,
    FunctionConfig: { Comment: "", Runtime: runtime },
  };
  return new ViewerFunction(properties, (_level, message) => logged.push(message));
}
const run = (code: string, runtime?: FunctionRuntime) => made(code, runtime).run(event, undefined);
/** The handler answers what the expression gives, or the name of what it throws. */
const resultOf = (expression: string) =>
  run(`function handler(event) { try { return ${expression}; } catch (e) { return e.name; } }`);

describe("a function", () => {
  test("is given the event and answers with a value", async () => {
    expect(await run("function handler(event) { return event.request; }")).toEqual(event.request);
  });

  test("may ask for the query as it came", async () => {
    const asking = made("function handler(e) { return [e.request.rawQueryString()]; }");

    expect(await asking.run(event, "a=1&&b")).toEqual(["a=1&&b"]);
    expect(await asking.run(event, "")).toEqual([""]);
    expect(await asking.run(event, undefined)).toEqual([null]);
  });

  test("may be asynchronous, but not in the first runtime", async () => {
    const code = "async function handler() { await null; return { done: await 1 }; }";

    expect(await run(code)).toEqual({ done: 1 });
    expect(await run(code, "cloudfront-js-1.0")).toEqual({});
  });

  test("that throws fails with what it threw, and its log is kept", async () => {
    const failing = run(
      'async function handler() { console.log("so far", { a: 1 }); throw new TypeError("oh"); }',
    );

    await expect(failing).rejects.toThrow(FunctionExecutionError);
    await expect(failing).rejects.toThrow("TypeError: oh");
    expect(logged).toEqual(['so far {"a":1}']);
  });

  test.each([
    ["has no handler", "var x = 1;"],
    ["throws nothing", "function handler() { throw null; }"],
    ["answers what no text can hold", "function handler() { var a = {}; a.a = a; return a; }"],
    ["calls itself without end", "function handler() { return handler(); }"],
    ["throws what cannot be read", "function handler() { throw { get stack() { throw 1; } }; }"],
  ])("that %s fails", async (_what, code) => {
    await expect(run(code)).rejects.toThrow(FunctionExecutionError);
  });

  test.each([
    ["loops", "while (true) {}"],
    ["loops over promises", "return (async () => { for (;;) await null; })()"],
    ["waits for nothing", "return new Promise(() => {})"],
  ])(
    "that %s fails in time, and no other viewer of that moment with it",
    async (_what, forever) => {
      const sometimes = made(
        `function handler(event) { if (event.request.uri === "/bad") { ${forever} } return 1; }`,
      );

      const outcomes = await Promise.allSettled(
        ["/1", "/bad", "/2"].map((uri) => sometimes.run(at(uri), undefined)),
      );

      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await sometimes.run(at("/3"), undefined)).toBe(1);
    },
  );

  test("more requests than fit one run are all answered, each with its own", async () => {
    const echo = made("function handler(event) { return event.request.uri; }");
    const uris = Array.from({ length: 150 }, (_, index) => `/${index}`);

    expect(await Promise.all(uris.map((uri) => echo.run(at(uri), undefined)))).toEqual(uris);
  });

  test.each([
    ["its variables", "var n = 0; function handler() { n += 1; return n; }"],
    [
      "the global scope",
      "function handler() { globalThis.n = (globalThis.n || 0) + 1; return n; }",
    ],
    ["built-in objects", "function handler() { Math.n = (Math.n || 0) + 1; return Math.n; }"],
    ["prototypes", "function handler(e) { e.__proto__.n = (e.n || 0) + 1; return e.n; }"],
  ])("leaves nothing for the next request in %s", async (_where, code) => {
    const counting = made(code);
    const once = () => counting.run(event, undefined).catch(() => "failed");

    expect(await once()).toEqual(await once());
  });
});

describe("a function has no way out:", () => {
  test.each([
    "process",
    "require",
    "module",
    "Buffer",
    "fetch",
    "setTimeout",
    "setImmediate",
    "queueMicrotask",
    "WebAssembly",
    "SharedArrayBuffer",
    "$door.run",
  ])("%s", async (name) => {
    expect(["ReferenceError", "TypeError"]).toContain(await resultOf(name));
  });

  test.each([
    'eval("1")',
    'new Function("return 1")()',
    'this.constructor.constructor("return process")()',
    'globalThis.constructor.constructor("return process")()',
    'event.constructor.constructor("return process")()',
    'event.request.rawQueryString.constructor("return process")()',
    'console.log.constructor("return process")()',
    '(async () => {}).constructor("return process")()',
    '(function* () {}).constructor("return process")()',
  ])("%s", async (expression) => {
    expect(["EvalError", "TypeError", "ReferenceError"]).toContain(await resultOf(expression));
  });

  test("the stack of an error shows no frame of this process", async () => {
    const found = await run(`function handler() {
      Error.prepareStackTrace = function (e, frames) { return frames; };
      return typeof new Error().stack;
    }`);

    expect(found).toBe("string");
  });

  test.each([
    'async function handler() { return import("node:fs"); }',
    'async function handler() { return import/**/("node:fs"); }',
    'import cf from "cloudfront"; function handler() {}',
  ])("%s", (code) => {
    expect(() => made(code)).toThrow("import");
  });
});
