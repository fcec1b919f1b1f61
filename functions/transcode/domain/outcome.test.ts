import { describe, expect, it } from "vitest";
import { sourceFacts } from "../testing/source-facts.ts";
import { framesThatCame } from "./outcome.ts";
import { chunkFrames, makePlan } from "./plan.ts";

const plan = makePlan(sourceFacts({ endSeconds: 60 }));
const whole = plan.chunks.map((_, chunk) => {
  const { first, end } = chunkFrames(plan, chunk);
  return { chunk, frames: end - first };
});
const last = plan.chunks.length - 1;
const missing = (frames: number) =>
  whole.map((each) => (each.chunk === last ? { ...each, frames: each.frames - frames } : each));

describe("what came of a plan", () => {
  it("is all of it while nothing says otherwise", () => {
    expect(framesThatCame(plan, [])).toBe(1_500);
    expect(framesThatCame(plan, whole)).toBe(1_500);
  });

  it("may be a little less, as containers lie about duration", () => {
    expect(framesThatCame(plan, missing(49))).toBe(1_451);
  });

  it("is a film that was cut off when more than two seconds are missing", () => {
    expect(() => framesThatCame(plan, missing(51))).toThrow(
      "is cut off: only the first 57 s of 60 s can be decoded. Upload the whole file again.",
    );
  });

  it("is nothing when the first task finds nothing", () => {
    expect(() => framesThatCame(plan, [{ chunk: 0, frames: 0 }])).toThrow(/no picture/);
  });
});
