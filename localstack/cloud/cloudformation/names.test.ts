import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatedName } from "./names.ts";

describe("generated names", () => {
  it("say whose they are", () => {
    expect(generatedName("Films-Storage", "Source")).toMatch(/^Films-Storage-Source-[0-9A-F]{12}$/);
  });

  it("fit, never change, and differ when the resource differs", () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,80}$/);

    fc.assert(
      fc.property(name, name, name, fc.integer({ min: 24, max: 128 }), (stack, id, other, max) => {
        fc.pre(id !== other);
        const made = generatedName(stack, id, max);
        expect(made.length).toBeLessThanOrEqual(max);
        expect(made).toMatch(/^[A-Za-z0-9-]+$/);
        expect(generatedName(stack, id, max)).toBe(made);
        expect(generatedName(stack, other, max)).not.toBe(made);
      }),
    );
  });
});
