import { describe, expect, it } from "vitest";
import { hostConcurrency } from "./limits.ts";
import { Scaling } from "./scaling.ts";

describe("scaling", () => {
  it("begins with 5, adds 300 a minute, stops at the maximum and begins again", () => {
    // Prepare
    const scaling = new Scaling(undefined);
    const limits = [scaling.limit];

    // Act
    for (let second = 0; second < 60; second += 1) scaling.grow();
    limits.push(scaling.limit);
    for (let second = 0; second < 600; second += 1) scaling.grow();
    limits.push(scaling.limit);
    scaling.reset();

    // Assess
    expect([...limits, scaling.limit]).toEqual([5, 305, 1250, 5]);
  });

  it("stays within MaximumConcurrency from the start", () => {
    const scaling = new Scaling(2);
    scaling.grow();
    expect(scaling.limit).toBe(2);
  });
});

describe("the host's share", () => {
  it("gives CPU by memory, at least 2 and at most 8 a core", () => {
    expect([128, 1024, 1769, 3538, 10_240].map((mb) => hostConcurrency(mb, 2))).toEqual([
      16, 6, 4, 2, 2,
    ]);
  });
});
