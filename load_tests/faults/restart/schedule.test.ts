import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeSchedule, kindOf, phases, scheduleOf } from "./schedule.ts";

const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe("a schedule of kills", () => {
  test("is the same for the same seed, and its shares lie within their phases", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const schedule = scheduleOf(seed);
        const { blows } = schedule;

        expect(scheduleOf(seed)).toEqual(schedule);
        for (const { share } of blows) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThan(1);
        }
      }),
    );
  });

  test("meets every phase within six seeds", () => {
    fc.assert(
      fc.property(seeds, (first) => {
        const met = phases.map((_, offset) => scheduleOf(first + offset).blows[0].phase);

        expect(new Set(met)).toEqual(new Set(phases));
      }),
    );
  });

  test("twenty seeds kill parents and trees, once and twice", () => {
    const schedules = Array.from({ length: 20 }, (_, index) => scheduleOf(index + 1));
    const blows = schedules.flatMap((schedule) => [...schedule.blows]);

    expect(new Set(blows.map(({ victim }) => victim))).toEqual(new Set(["parent", "tree"]));
    expect(new Set(schedules.map(({ dispatch }) => dispatch))).toEqual(new Set(["pull", "push"]));
    expect(new Set(schedules.map((schedule) => schedule.blows.length))).toEqual(new Set([1, 2]));
    expect(new Set(blows.map(({ share }) => share)).size).toBe(blows.length);
  });

  test("a kind names the phase, the victim and the dispatcher", () => {
    const blow = { phase: "plan", victim: "tree", share: 0 } as const;

    expect(kindOf(blow, "push")).toBe("plan, tree, push");
    expect(describeSchedule({ seed: 1, dispatch: "pull", blows: [blow, blow] })).toBe(
      "plan, tree, pull; then plan, tree, pull",
    );
  });
});
