import { describe, expect, it } from "vitest";
import { requireIdempotencyKey } from "./idempotency-key.ts";

describe("requireIdempotencyKey", () => {
  it.each([undefined, ""])("demands an Idempotency-Key, not %j", (key) => {
    expect(() => requireIdempotencyKey(key)).toThrow(
      expect.objectContaining({ code: "idempotency-key-missing" }),
    );
  });

  it.each(["a\u0000", "ü", "a".repeat(256)])("refuses the Idempotency-Key %j", (key) => {
    expect(() => requireIdempotencyKey(key)).toThrow(
      expect.objectContaining({ code: "invalid-request" }),
    );
  });
});
