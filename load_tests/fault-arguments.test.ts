import { describe, expect, test } from "vitest";
import { parseFaultArguments } from "./fault-arguments.ts";

const faults = { restart: { summary: "kill -9" } };

describe("arguments of `npm run faults`", () => {
  test("a fault, its first seed and its runs", () => {
    expect(parseFaultArguments(["restart", "--seed", "7", "--runs", "3"], faults)).toEqual({
      name: "restart",
      fault: faults.restart,
      seed: 7,
      runs: 3,
    });
    expect(parseFaultArguments(["restart"], faults)).toMatchObject({ seed: 1, runs: 20 });
  });

  test.each([
    [[], "Which fault?"],
    [["flood"], 'There is no fault "flood"'],
    [["restart", "restart"], "One fault at a time"],
    [["restart", "--runs", "0"], "--runs takes a whole number from 1"],
    [["restart", "--seed", "x"], "--seed takes a whole number from 0"],
    [["restart", "--quick"], "Unknown option '--quick'"],
  ])("%j is refused with a list of what there is", (argv, reason) => {
    const refused = () => parseFaultArguments(argv, faults);

    expect(refused).toThrow(reason);
    expect(refused).toThrow(/restart +kill -9/);
  });
});
