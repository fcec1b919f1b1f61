import { createHash, createHmac } from "node:crypto";
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
function logging() {
  logged.length = 0;
  return { log: (_level: string, message: string) => void logged.push(message) };
}
const propertiesOf = (code: string, runtime: FunctionRuntime) => ({
  Name: "tested",
  AutoPublish: true,
  FunctionCode: code,
  FunctionConfig: { Comment: "", Runtime: runtime },
});
function made(code: string, runtime: FunctionRuntime = "cloudfront-js-2.0") {
  return new ViewerFunction(propertiesOf(code, runtime), logging().log);
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

describe("the module crypto", () => {
  test.each(["md5", "sha1", "sha256"])("hashes by %s as node:crypto does", async (algorithm) => {
    const data = "päth/ü/\u{1f600}";
    const found = await run(`import crypto from 'crypto';
      function handler() {
        return ["hex", "base64", "base64url"].map((encoding) => [
          crypto.createHash("${algorithm}").update("${data}").update("x").digest(encoding),
          crypto.createHmac("${algorithm}", "key ü").update("${data}").digest(encoding),
        ]);
      }`);

    expect(found).toEqual(
      (["hex", "base64", "base64url"] as const).map((encoding) => [
        createHash(algorithm).update(`${data}x`).digest(encoding),
        createHmac(algorithm, "key ü").update(data).digest(encoding),
      ]),
    );
  });

  test("takes and gives bytes", async () => {
    const found = await run(`var crypto = require("crypto");
      function handler() {
        var bytes = crypto.createHmac("sha256", new Uint8Array([0, 128, 255])).update(new Uint8Array([1, 255])).digest();
        return Array.from(bytes);
      }`);

    const expected = createHmac("sha256", Buffer.from([0, 128, 255])).update(Buffer.from([1, 255]));
    expect(found).toEqual([...expected.digest()]);
  });

  test.each([
    'crypto.createHash("sha512").digest("hex")',
    'crypto.createHash("md5").digest("latin1")',
    'crypto.createHash("md5").update(1)',
    'crypto.createHmac("md5")',
    '(() => { var h = crypto.createHash("md5"); h.digest("hex"); return h.digest("hex"); })()',
  ])("refuses %s", async (expression) => {
    const found = await run(`import crypto from 'crypto';
      function handler() { try { return ${expression}; } catch (e) { return e.name; } }`);

    expect(found).toBe("TypeError");
  });

  test("gives no error of this process when the stack overflows on the way", async () => {
    const found = await run(`import crypto from 'crypto';
      function handler() {
        var caught = [];
        function deep() {
          try { deep(); } catch (e) {}
          try { crypto.createHash("md5").update("a").digest("hex"); }
          catch (e) { if (!(e instanceof Error)) caught.push(1); }
        }
        try { deep(); } catch (e) {}
        return caught.length;
      }`).catch((error: Error) => error.message);

    expect(typeof found === "string" || found === 0).toBe(true);
  });
});

describe("the module cloudfront", () => {
  const values = new Map([
    ["text", "grün"],
    ["object", '{"a":[1]}'],
  ]);
  const reading = (body: string) => {
    const { log } = logging();
    const code = `import cf from 'cloudfront'; const kvs = cf.kvs();
      async function handler() { try { ${body} } catch (e) { return e.message; } }`;
    const found = new ViewerFunction(propertiesOf(code, "cloudfront-js-2.0"), log, {
      read: (key) => values.get(key),
      summary: () => ({ createdAt: 0, modifiedAt: 1_000, itemCount: values.size }),
    });
    return found.run(event, undefined);
  };

  test.each([
    ['return await kvs.get("text");', "grün"],
    ['return await kvs.get("object", { format: "json" });', { a: [1] }],
    ['return Array.from(await kvs.get("text", { format: "bytes" }));', [...Buffer.from("grün")]],
    ['return [await kvs.exists("text"), await kvs.exists("else")];', [true, false]],
    ["return await kvs.count();", 2],
    [
      "return await kvs.meta();",
      {
        creationDateTime: "1970-01-01T00:00:00.000Z",
        lastUpdatedDateTime: "1970-01-01T00:00:01.000Z",
        keyCount: 2,
      },
    ],
    ['return await kvs.get("else");', "KeyNotFound"],
    ['return await kvs.get("text", { format: "xml" });', "Formats are string, json and bytes."],
  ])("%s", (body, expected) => {
    expect(reading(body)).toEqual(expected);
  });

  test("has no store for a function that is associated with none", async () => {
    const failing = run(
      "import cf from 'cloudfront'; const kvs = cf.kvs(); function handler() { return 1; }",
    );

    await expect(failing).rejects.toThrow("associated with no key value store");
  });

  test("is not to be imported in the first runtime", () => {
    const code = "import cf from 'cloudfront'; function handler() {}";

    expect(() => made(code, "cloudfront-js-1.0")).toThrow(SyntaxError);
  });
});

describe("a function has no way out:", () => {
  test.each([
    "process",
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
    'require.constructor("return process")()',
    'require("crypto").createHmac.constructor("return process")()',
    'require("crypto").createHash("md5").digest().constructor.constructor("return process")()',
    'require("node:fs")',
    'require("constructor")',
    'console.log.constructor("return process")()',
    '(async () => {}).constructor("return process")()',
    '(function* () {}).constructor("return process")()',
  ])("%s", async (expression) => {
    expect(["EvalError", "TypeError", "ReferenceError", "Error"]).toContain(
      await resultOf(expression),
    );
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
    'import { kvs } from "cloudfront"; function handler() {}',
    'function handler() { import cf from "cloudfront"; }',
    "export function handler() {}",
    "var $step = 1; function handler() {}",
    "function handler() { $door.run(); }",
    "function handler() { return \\u0024step; }",
    "return 1; function handler() {}",
  ])("%s", (code) => {
    expect(() => made(code)).toThrow(SyntaxError);
  });
});
