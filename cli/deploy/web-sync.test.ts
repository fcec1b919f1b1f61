import { describe, expect, test } from "vitest";
import { cacheControl } from "./web-sync.ts";

describe("cache control of the page", () => {
  test.each([
    ["config.json", "no-store"],
    ["assets/main-AB12.js", "public, max-age=31536000, immutable"],
    ["index.html", "public, max-age=0, must-revalidate"],
  ])("%s: %s", (key, expected) => {
    expect(cacheControl(key)).toBe(expected);
  });
});
