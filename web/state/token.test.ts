import { expect, test } from "vitest";
import { expiresAt, isFresh } from "./token.ts";

function jwt(payload: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.sig`;
}

test("a token is renewed a minute before it expires", () => {
  const token = jwt({ exp: 1_000, sub: "ünï" });
  expect(expiresAt(token)).toBe(1_000_000);
  expect(isFresh(token, 939_999)).toBe(true);
  expect(isFresh(token, 940_000)).toBe(false);
});

test("a token that does not say when it expires is left to the API to judge", () => {
  expect(isFresh(jwt({}), 0)).toBe(true);
  expect(isFresh("opaque", 0)).toBe(true);
});
