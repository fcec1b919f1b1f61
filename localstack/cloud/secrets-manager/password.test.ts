import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatePassword, type PasswordRules } from "./password.ts";

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

describe("a generated password", () => {
  const rules: fc.Arbitrary<PasswordRules> = fc.record(
    {
      PasswordLength: fc.integer({ min: 5, max: 80 }),
      ExcludeCharacters: fc.constantFrom("", "abc", "/@\" '", "0Oo1lI"),
      ExcludeLowercase: fc.boolean(),
      ExcludeUppercase: fc.boolean(),
      ExcludeNumbers: fc.boolean(),
      IncludeSpace: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const dice = fc.infiniteStream(fc.nat(1_000_000));

  it("has the length and only what is allowed, and of each type one", () => {
    fc.assert(
      fc.property(rules, dice, (given, stream) => {
        const next = () => stream.next().value ?? 0;
        const password = generatePassword(given, (max) => next() % max);

        expect(password).toHaveLength(given.PasswordLength ?? 32);
        for (const character of given.ExcludeCharacters ?? "") {
          expect(password).not.toContain(character);
        }
        const isIn = (characters: string) => [...password].some((it) => characters.includes(it));
        expect(/[a-z]/.test(password)).toBe(!given.ExcludeLowercase);
        expect(/[A-Z]/.test(password)).toBe(!given.ExcludeUppercase);
        expect(/[0-9]/.test(password)).toBe(!given.ExcludeNumbers);
        expect(isIn(punctuation)).toBe(true);
        if (!given.IncludeSpace) expect(password).not.toContain(" ");
      }),
    );
  });

  it("cannot be made of nothing, nor too short for its types", () => {
    const none = {
      ExcludeLowercase: true,
      ExcludeUppercase: true,
      ExcludeNumbers: true,
      ExcludePunctuation: true,
    };

    expect(() => generatePassword(none, () => 0)).toThrow("no character");
    expect(() => generatePassword({ PasswordLength: 3 }, () => 0)).toThrow("too short");
  });
});
