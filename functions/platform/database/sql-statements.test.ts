import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitStatements } from "./sql-statements.ts";

describe("splitStatements", () => {
  it.each([
    ["plain statements", "SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["no last semicolon", "SELECT 1;\nSELECT 2", ["SELECT 1", "SELECT 2"]],
    ["nothing but comments", "-- a;\n/* b; /* c; */ */ ;;", []],
    ["a semicolon in text", "SELECT 'a;''b;'; SELECT 2", ["SELECT 'a;''b;'", "SELECT 2"]],
    ["a backslash in plain text", "SELECT '\\'; SELECT 2", ["SELECT '\\'", "SELECT 2"]],
    ["an escape string", "SELECT E'a\\';b'; SELECT 2", ["SELECT E'a\\';b'", "SELECT 2"]],
    ["a quoted identifier", 'SELECT "a;""b"; SELECT 2', ['SELECT "a;""b"', "SELECT 2"]],
    ["a dollar quote", "DO $x$ a; $$ b; $x$; SELECT 2", ["DO $x$ a; $$ b; $x$", "SELECT 2"]],
    ["a dollar inside a word", "SELECT a$b$c; SELECT 2", ["SELECT a$b$c", "SELECT 2"]],
    ["a parameter number", "SELECT $1; SELECT 2", ["SELECT $1", "SELECT 2"]],
  ])("keeps %s whole", (_, script, expected) => {
    expect(splitStatements(script)).toEqual(expected);
  });

  it.each(["SELECT 'a", 'SELECT "a', "/* a /* b */", "DO $$ a;"])(
    "refuses what never ends: %s",
    (script) => {
      expect(() => splitStatements(script)).toThrow(/never ends/);
    },
  );

  it("finds again the statements that a script was joined from", () => {
    // Prepare
    const piece = fc.constantFrom(
      "SELECT 1",
      "'a;b'",
      "E'\\';'",
      '"x;"',
      "$t$;'$t$",
      "/* ; */",
      "-- ;\n",
      "a$b$c",
      "::uuid",
    );
    const statement = fc
      .array(piece, { minLength: 1, maxLength: 6 })
      .map((pieces) => `S ${pieces.join(" ")}`);

    // Act, assess
    fc.assert(
      fc.property(fc.array(statement), (statements) => {
        expect(splitStatements(statements.join(";\n"))).toEqual(
          statements.map((text) => text.trim()),
        );
      }),
    );
  });
});
