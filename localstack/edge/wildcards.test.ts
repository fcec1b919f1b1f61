import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesPathPattern } from "./distribution.ts";
import { matchesWildcards } from "./wildcards.ts";

describe("wildcards", () => {
  test("agree with the regular expression they stand for", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "*", "?"), { maxLength: 8 });
    const texts = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const expression = new RegExp(
          `^${pattern.join("").replaceAll("?", ".").replaceAll("*", ".*")}$`,
        );
        expect(matchesWildcards(pattern.join(""), text.join(""))).toBe(
          expression.test(text.join("")),
        );
      }),
    );
  });

  test("a pattern made to be slow is not", () => {
    const began = performance.now();

    expect(matchesWildcards("*a".repeat(40), "a".repeat(2000).concat("b"))).toBe(false);

    // A backtracking matcher needs longer than the universe has; the bound only tells the two apart.
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each([
    ["/api/*", "/api/videos", true],
    ["api/*", "/api/videos", true],
    ["/api/*", "/API/videos", false],
    ["/api/*", "/apis", false],
    ["*.jpg", "/a/b.jpg", true],
    ["/a?c", "/abc", true],
  ])("path pattern %s on %s: %s", (pattern, path, expected) => {
    expect(matchesPathPattern(pattern, path)).toBe(expected);
  });
});
