import { describe, expect, it } from "vitest";
import { parseWebhookKeys } from "./secrets-manager-keyring.ts";

const key = Buffer.alloc(32, 1).toString("base64");

describe("the keys of webhooks", () => {
  it("are bytes by number", () => {
    const keys = parseWebhookKeys(JSON.stringify({ 1: key, 12: key }));
    expect([...keys.keys()]).toEqual([1, 12]);
    expect(keys.get(1)).toEqual(Buffer.alloc(32, 1));
  });

  it.each([
    ["no JSON", "whatever"],
    ["none at all", "{}"],
    ["a number that is none", JSON.stringify({ first: key })],
    ["a key that is too short", JSON.stringify({ 1: "c2VjcmV0" })],
    ["text that is no base64", JSON.stringify({ 1: `${key.slice(0, -4)}!!!!` })],
  ])("are not %s, and the error does not repeat it", (_, text) => {
    expect(() => parseWebhookKeys(text)).toThrow(/^The secret with the webhook keys/);
  });
});
