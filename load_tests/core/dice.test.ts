import { expect, test } from "vitest";
import { diceOf } from "./dice.ts";

const seeds = Array.from({ length: 1000 }, (_, seed) => seed);

test("the same seed throws the same, neighbours throw otherwise", () => {
  const throws = (seed: number) => {
    const dice = diceOf(seed);
    return [dice.share(), dice.share(), dice.oneOf(["a", "b", "c"])];
  };

  expect(throws(7)).toEqual(throws(7));
  expect(new Set(seeds.map((seed) => throws(seed)[0])).size).toBe(seeds.length);
});

test("the first throw of neighbouring seeds is even", () => {
  const heads = seeds.filter((seed) => diceOf(seed).oneOf([true, false])).length;
  const mean = seeds.reduce((sum, seed) => sum + diceOf(seed).share(), 0) / seeds.length;

  expect(heads).toBeGreaterThan(400);
  expect(heads).toBeLessThan(600);
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
});
