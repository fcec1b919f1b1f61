import { describe, expect, test } from "vitest";
import { countSteps } from "./step-budget.ts";

/** What the code gives when it is counted, and in how many steps. */
function counted(code: string): { value: unknown; steps: number } {
  let steps = 0;
  const run = new Function("$step", `${countSteps(`var r = ${code};`)} return r;`);
  const value = run(() => {
    steps += 1;
  });
  return { value, steps };
}

describe("counted code does what it did, step by step:", () => {
  test.each([
    ["(function () { return 1; })()", 1, 1],
    ["(function () { 'use strict'; return this === undefined; })()", true, 1],
    ["(() => 1)()", 1, 1],
    ["(() => ({ a: 1 }))().a", 1, 1],
    ["(() => () => 2)()()", 2, 2],
    ["((a = () => 3) => a())()", 3, 2],
    ["(x => x, x => x + 1)(1)", 2, 1],
    ["[1, 2].map((n) => n * 2).join()", "2,4", 2],
    ["({ get a() { return 1; }, b() { return this.a; } }).b()", 1, 2],
    ["new (class { constructor() { this.a = 1; } })().a", 1, 1],
    ["(function () { var n = 0; while (n < 3) n++; return n; })()", 3, 4],
    ["(function () { var n = 0; do n++; while (n < 3); return n; })()", 3, 4],
    ["(function () { var n = 0; for (;;) { if (n++ > 1) break; } return n; })()", 3, 4],
    ["(function () { for (var i = 0; i < 2; i++) for (var j of [1, 2]); return j; })()", 2, 7],
    ["(function () { a: for (var k in { x: 1 }) { continue a; } return k; })()", "x", 2],
    ["(function () { if (1) for (var i of [1]) if (i) return i; else return 2; })()", 1, 2],
  ])("%s", (code, value, steps) => {
    expect(counted(code)).toEqual({ value, steps });
  });
});
