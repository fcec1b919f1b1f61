import { describe, expect, test } from "vitest";
import { judgeRead, judgeWrite } from "./conditions.ts";

const object = { etag: "abc", modifiedAt: Date.UTC(2026, 0, 1, 0, 0, 0, 700) };
const at = "Thu, 01 Jan 2026 00:00:00 GMT";
const before = "Wed, 31 Dec 2025 23:59:59 GMT";

describe("a conditional read", () => {
  test.each([
    ["nothing asked", {}, "proceed"],
    ["its tag, quoted, bare, weak, among others", { ifMatch: '"x", W/"abc"' }, "proceed"],
    ["any tag", { ifMatch: "*" }, "proceed"],
    ["another tag", { ifMatch: '"x"' }, "failed"],
    ["a known tag", { ifNoneMatch: "abc" }, "not-modified"],
    ["the very second it was written", { ifModifiedSince: at }, "not-modified"],
    ["a second before", { ifModifiedSince: before }, "proceed"],
    ["unmodified since that second", { ifUnmodifiedSince: at }, "proceed"],
    ["unmodified since before", { ifUnmodifiedSince: before }, "failed"],
    ["a matching tag overrules a date", { ifMatch: "abc", ifUnmodifiedSince: before }, "proceed"],
    ["an unknown tag overrules a date", { ifNoneMatch: "x", ifModifiedSince: at }, "proceed"],
    ["a date that is none", { ifModifiedSince: "yesterday" }, "proceed"],
  ])("%s", (_title, conditions, kind) => {
    expect(judgeRead(conditions, object).kind).toBe(kind);
  });
});

describe("a conditional write", () => {
  test.each([
    ["over nothing", { ifNoneMatch: "*" }, undefined, "proceed"],
    ["over something", { ifNoneMatch: "*" }, object, "If-None-Match"],
    ["over what is known", { ifMatch: '"abc"' }, object, "proceed"],
    ["over what has changed", { ifMatch: '"x"' }, object, "If-Match"],
    ["over what has gone", { ifMatch: '"abc"' }, undefined, "missing"],
  ])("%s", (_title, conditions, existing, verdict) => {
    expect(judgeWrite(conditions, existing)).toBe(verdict);
  });
});
