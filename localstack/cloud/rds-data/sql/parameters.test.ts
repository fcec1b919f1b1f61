import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStatement } from "./parameters.ts";

const names = (sql: string): string[] =>
  parseStatement(sql).flatMap((piece) => (piece.kind === "parameter" ? [piece.name] : []));

const joined = (sql: string): string =>
  parseStatement(sql)
    .map((piece) => (piece.kind === "text" ? piece.text : `:${piece.name}`))
    .join("");

describe("parseStatement", () => {
  it.each([
    ["SELECT :a, :b_2 FROM t WHERE x=:a", ["a", "b_2", "a"]],
    ["insert into t values (:1, :2::uuid)", ["1", "2"]],
    ["SELECT 'it''s :no', :yes", ["yes"]],
    ["SELECT E'it\\'s :no', :yes", ["yes"]],
    ["SELECT e'\\\\', :yes", ["yes"]],
    ["SELECT 'ends in a backslash\\', :yes", ["yes"]],
    ['SELECT ":no""x", :yes', ["yes"]],
    ["SELECT $$ :no $$, $tag$ :no $$ :no $tag$, :yes", ["yes"]],
    ["SELECT a$b$, :yes, c$b$", ["yes"]],
    ["SELECT 1 -- :no\n, :yes", ["yes"]],
    ["SELECT /* :no /* :no */ :no */ :yes", ["yes"]],
    ["SELECT now()::date, '1'::int::text, :yes::text[]", ["yes"]],
    ["SELECT f(x := 1, y := :yes)", ["yes"]],
    ["SELECT arr[1:2], arr[lo:hi], arr[f(1):2], arr[1][1:2]", []],
    ["SELECT ARRAY[:a, :b], arr[:c]", ["a", "b", "c"]],
    ["SELECT arr[:lo : :hi]", ["lo", "hi"]],
    ["SELECT j->>'a:b', j @> :yes", ["yes"]],
    ["SELECT 'unfinished :no", []],
    ["SELECT $x$ unfinished :no", []],
    ["SELECT $1, :yes", ["yes"]],
    ["", []],
  ])("finds in %j the parameters %j", (sql, expected) => {
    expect(names(sql)).toEqual(expected);
  });

  const sqlLike = fc
    .array(
      fc.constantFrom(
        ..."':\"$[]()-/*;\\ \n".split(""),
        "E'",
        "$a$",
        "::",
        ":a",
        ":1",
        "x",
        "7",
        "ä",
        "--",
        "/*",
        "*/",
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(""));

  it("loses no character, whatever it is given", () => {
    fc.assert(fc.property(sqlLike, (sql) => joined(sql) === sql));
  });

  it("finds no parameter in quoted text, and those around it", () => {
    fc.assert(
      fc.property(sqlLike, fc.constantFrom("'", '"', "E'"), (text, open) => {
        const quote = open.slice(-1);
        const body = text
          .replaceAll("\\", open === "E'" ? "\\\\" : "\\")
          .replaceAll(quote, quote + quote);
        expect(names(`SELECT :before, ${open}${body}${quote}, :after`)).toEqual([
          "before",
          "after",
        ]);
      }),
    );
  });

  it("is linear: a megabyte of parameters and quotes takes well under a second", () => {
    const sql = "(:a, 'x', [1:2], $$ $$), ".repeat(40_000);
    const begin = performance.now();
    expect(names(sql)).toHaveLength(40_000);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
