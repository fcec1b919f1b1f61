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
const run = async (code: string, runtime?: FunctionRuntime) =>
  made(code, runtime).run(event, undefined);
/** The handler answers what the expression gives, or the name of what it throws. */
const resultOf = (expression: string) =>
  run(`function handler(event) { try { return ${expression}; } catch (e) { return e.name; } }`);

describe("a function", () => {
  test("is given the event and answers with a value", async () => {
    expect(await run("function handler(event) { return event.request; }")).toEqual(event.request);
  });

  test("may ask for the query as it came", () => {
    const asking = made("function handler(e) { return [e.request.rawQueryString()]; }");

    expect(asking.run(event, "a=1&&b")).toEqual(["a=1&&b"]);
    expect(asking.run(event, "")).toEqual([""]);
    expect(asking.run(event, undefined)).toEqual([null]);
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
    ["loops in one statement", "for (;;) n++;"],
    ["loops until the end", "do n++; while (true)"],
    ["loops and catches what it can", "while (true) try { while (true); } catch (e) {}"],
    ["loops inside loops", "for (;;) while (n < 1) for (var i of [1, 2]) n += 0;"],
    [
      "loops over what has no end",
      "for (var x of (function* () { while (true) yield 1; })()) n++;",
    ],
    ["calls itself in arrows", "var f = () => n < 1 && f(); while (true) try { f() } catch {}"],
    ["calls itself twice", "(function f() { try { f(); } finally { f(); } })();"],
    ["loops over promises", "return (async () => { for (;;) await null; })();"],
    [
      "goes from promise to promise",
      "return (function f() { return Promise.resolve().then(f); })();",
    ],
    ["waits for nothing", "return new Promise(() => {});"],
    ["tries a pattern for ever", 'while (/^(a+)+$/.test("a".repeat(40) + "b") || 1) {}'],
  ])("that %s fails soon, and answers the next viewer", (_what, forever) => {
    const sometimes = made(
      `function handler(event) { var n = 0; if (event.request.uri === "/bad") { ${forever} } return 1; }`,
    );

    expect(() => sometimes.run(at("/bad"), undefined)).toThrow(FunctionExecutionError);
    expect(sometimes.run(at("/good"), undefined)).toBe(1);
  });

  test.each([
    ["its variables", "var n = 0; function handler() { n += 1; return n; }"],
    [
      "the global scope",
      "function handler() { globalThis.n = (globalThis.n || 0) + 1; return n; }",
    ],
    ["built-in objects", "function handler() { Math.n = (Math.n || 0) + 1; return Math.n; }"],
    ["prototypes", "function handler(e) { e.__proto__.n = (e.n || 0) + 1; return e.n; }"],
  ])("leaves nothing for the next request in %s", (_where, code) => {
    const counting = made(code);
    const once = () => {
      try {
        return counting.run(event, undefined);
      } catch {
        return "failed";
      }
    };

    expect(once()).toEqual(once());
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
    "var $step = 1; function handler() {}",
    "function handler() { $door.run(); }",
    "function handler() { return \\u0024step; }",
    "return 1; function handler() {}",
  ])("%s", (code) => {
    expect(() => made(code)).toThrow(SyntaxError);
  });
});
