import { expect, test } from "vitest";
import { differencesOf } from "./media-objects.ts";

test("objects differ when one is missing, too many, or has other bytes", () => {
  const undisturbed = new Map([
    ["a", "1"],
    ["b", "2"],
    ["c", "3"],
  ]);
  const disturbed = new Map([
    ["a", "1"],
    ["b", "other"],
    ["d", "4"],
  ]);

  expect(differencesOf(undisturbed, disturbed)).toEqual(["b", "c", "d"]);
  expect(differencesOf(undisturbed, new Map(undisturbed))).toEqual([]);
});
