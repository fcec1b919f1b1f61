import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StreamSchedule } from "./stream-schedule.ts";

const partSize = 10;
const plan = { partSize, maxBytes: 10_000 };

describe("StreamSchedule", () => {
  test("parts make up the stream, each byte once, and all but the last are full", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (size) => {
        const schedule = new StreamSchedule(plan);
        const numbers: number[] = [];
        while (schedule.size < size) {
          numbers.push(schedule.add(Math.min(schedule.roomInNextPart, size - schedule.size)));
        }
        const ranges = numbers.map((number) => schedule.range(number));

        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect(ranges.map(({ start }) => start)).toEqual(numbers.map((n) => (n - 1) * partSize));
        expect(ranges.at(-1)?.end).toBe(size);
        expect(schedule.lastPart?.size).toBe(size % partSize === 0 ? undefined : size % partSize);
        for (const number of numbers) schedule.confirm(number, `e${number}`);
        expect(schedule.confirmedBytes).toBe(size);
        expect(schedule.parts()).toEqual(
          numbers.map((partNumber) => ({ partNumber, etag: `e${partNumber}` })),
        );
      }),
    );
  });

  test("nothing follows a part that was not full, and nothing exceeds what is taken", () => {
    const short = new StreamSchedule(plan);
    short.add(3);
    expect(() => short.add(1)).toThrow(RangeError);

    const full = new StreamSchedule({ partSize, maxBytes: 15 });
    full.add(10);
    expect(full.roomInNextPart).toBe(5);
    expect(() => full.add(6)).toThrow(RangeError);
    full.add(5);
    expect(full.roomInNextPart).toBe(0);
  });

  test("links are asked for ahead, as far as full parts are taken", () => {
    const schedule = new StreamSchedule({ partSize, maxBytes: 35 });
    schedule.add(10);
    expect(schedule.toSign(0)).toEqual([1, 2, 3]);
  });

  test("a link for a full part does not serve the part that turns out to be short", () => {
    const schedule = new StreamSchedule(plan);
    const link = (partNumber: number, contentLength: number) => ({
      partNumber,
      contentLength,
      url: `u${partNumber}/${contentLength}`,
    });
    schedule.add(10);
    schedule.addLinks([link(1, 10), link(2, 10)], 100_000);
    schedule.add(4);
    expect(schedule.link(2, 0)).toBeUndefined();
    expect(schedule.toSign(0)).toEqual([2]);

    // An answer that was under way when the stream ended.
    schedule.addLinks([link(2, 10)], 100_000);
    expect(schedule.link(2, 0)).toBeUndefined();
    schedule.addLinks([link(2, 4)], 100_000);
    expect(schedule.link(2, 0)).toBe("u2/4");
  });
});
