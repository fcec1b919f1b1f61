import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, judgeCompletion, type StoredPart } from "./completion.ts";

const file = { size: 25, partSize: 10 };
const stored: readonly StoredPart[] = [
  { partNumber: 1, etag: '"a"', size: 10 },
  { partNumber: 2, etag: '"b"', size: 10 },
  { partNumber: 3, etag: '"c"', size: 5 },
];
const declared = stored.map(({ partNumber, etag }) => ({ partNumber, etag }));
const codeOf = (...input: Parameters<typeof judgeCompletion>) => {
  const verdict = judgeCompletion(...input);
  return verdict.ok ? "ok" : verdict.code;
};

describe("judgeCompletion", () => {
  it("accepts the agreed parts in any order, with or without quotes", () => {
    const bareAndReversed = declared
      .map((part) => ({ ...part, etag: part.etag.replaceAll('"', "") }))
      .reverse();
    expect(judgeCompletion(file, bareAndReversed, stored.toReversed())).toEqual({
      ok: true,
      parts: stored,
    });
  });

  it.each([
    ["not stored", declared, stored.slice(0, 2)],
    ["not named", declared.slice(1), stored],
    ["neither", [], []],
  ])("refuses when a part is %s", (_, given, held) => {
    expect(codeOf(file, given, held)).toBe("parts-missing");
  });

  it("names the missing parts, twenty at most", () => {
    const verdict = judgeCompletion({ size: 300, partSize: 10 }, declared, stored);
    expect(verdict).toMatchObject({ detail: expect.stringContaining("4, 5, 6") });
    expect(verdict).toMatchObject({ detail: expect.stringContaining("23, …") });
  });

  it("refuses a part whose bytes are others", () => {
    const given = [...declared.slice(0, 2), { partNumber: 3, etag: '"x"' }];
    expect(codeOf(file, given, stored)).toBe("part-mismatch");
  });

  it("refuses parts that do not make the declared size", () => {
    const held = [...stored.slice(0, 2), { partNumber: 3, etag: '"c"', size: 6 }];
    expect(codeOf(file, declared, held)).toBe("size-mismatch");
  });

  it("refuses lengths that are wrong one by one though right together", () => {
    const held = stored.map((part, index) => ({ ...part, size: [9, 11, 5][index] ?? 0 }));
    expect(codeOf(file, declared, held)).toBe("size-mismatch");
  });

  it("refuses a number twice or beyond the file", () => {
    expect(codeOf(file, [...declared, ...declared], stored)).toBe("invalid-request");
    expect(codeOf(file, [...declared, { partNumber: 4, etag: "x" }], stored)).toBe(
      "invalid-request",
    );
  });

  it("refuses a size that leaves out what was sent", () => {
    expect(codeOf({ size: 20, partSize: 10 }, declared.slice(0, 2), stored)).toBe("size-mismatch");
  });

  it("never accepts anything but exactly the agreed file", () => {
    const part = fc.record({
      partNumber: fc.integer({ min: 1, max: 4 }),
      etag: fc.constantFrom("a", "b", "c"),
    });
    const heldPart = fc.record({
      partNumber: fc.integer({ min: 1, max: 4 }),
      etag: fc.constantFrom('"a"', '"b"', '"c"'),
      size: fc.constantFrom(5, 10),
    });
    const heldParts = fc.uniqueArray(heldPart, { selector: (one) => one.partNumber });
    fc.assert(
      fc.property(fc.array(part), heldParts, (given, held) => {
        const verdict = judgeCompletion(file, given, held);
        if (!verdict.ok) return;
        expect(verdict.parts.map((one) => one.partNumber)).toEqual([1, 2, 3]);
        expect(verdict.parts.map((one) => one.size)).toEqual([10, 10, 5]);
      }),
    );
  });
});

describe("fingerprintOf", () => {
  it("is the same for the same parts and another for others", () => {
    const same = declared.toReversed().map((part) => ({ ...part, etag: part.etag.slice(1, -1) }));
    expect(fingerprintOf(same)).toBe(fingerprintOf(declared));
    expect(fingerprintOf(declared.slice(1))).not.toBe(fingerprintOf(declared));
  });
});
