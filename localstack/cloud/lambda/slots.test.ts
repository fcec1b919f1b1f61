import { describe, expect, it } from "vitest";
import { Slots } from "./slots.ts";

describe("slots", () => {
  it("let those who wait in by their order, and forget those who left", async () => {
    // Prepare
    let limit = 1;
    const slots = new Slots(() => limit);
    const order: string[] = [];
    const enter = (name: string, signal?: AbortSignal) =>
      slots.take(signal).then((taken) => order.push(`${name} ${taken}`));
    const impatient = new AbortController();
    await enter("first");
    const all = Promise.all([enter("second"), enter("third", impatient.signal), enter("fourth")]);

    // Act
    impatient.abort();
    slots.give();
    limit = 2;
    slots.limitChanged();
    await all;

    // Assess
    expect(order).toEqual(["first true", "third false", "second true", "fourth true"]);
    expect([slots.inUse, slots.waiting]).toEqual([2, 0]);
  });

  it("are not to be had by somebody who has already left", async () => {
    const slots = new Slots(() => 1);
    expect(await slots.take(AbortSignal.abort())).toBe(false);
    expect(slots.inUse).toBe(0);
  });
});
