import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PartScheduler } from "./scheduler.ts";

const plan = fc
  .record({ partSize: fc.integer({ min: 1, max: 50 }), size: fc.integer({ min: 1, max: 2_000 }) })
  .map(({ partSize, size }) => ({ partSize, size, partCount: Math.ceil(size / partSize) }));

describe("PartScheduler", () => {
  test("the ranges of all parts make up the file, each byte once", () => {
    fc.assert(
      fc.property(plan, (parts) => {
        const scheduler = new PartScheduler(parts);
        let end = 0;
        for (let number = 1; number <= parts.partCount; number++) {
          const range = scheduler.range(number);
          expect(range.start).toBe(end);
          expect(range.end).toBeGreaterThan(range.start);
          end = range.end;
        }
        expect(end).toBe(parts.size);
      }),
    );
  });

  test("whatever fails and in whatever order, every part is confirmed exactly once", () => {
    fc.assert(
      fc.property(
        plan,
        fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 20 }),
        fc.infiniteStream(fc.tuple(fc.constantFrom("take", "confirm", "release"), fc.nat())),
        (parts, adopted, moves) => {
          const scheduler = new PartScheduler(parts);
          scheduler.adopt(
            adopted.map((partNumber) => {
              const { start, end } = scheduler.range(partNumber);
              return { partNumber, size: end - start, etag: `e${partNumber}` };
            }),
          );
          const inFlight = new Set<number>();
          let failuresLeft = parts.partCount;
          while (!scheduler.isFinished) {
            const [move, pick] = moves.next().value;
            const chosen = [...inFlight][pick % Math.max(1, inFlight.size)];
            if (chosen === undefined || move === "take") {
              const taken = scheduler.take();
              if (taken === undefined) {
                expect(inFlight.size).toBeGreaterThan(0);
                if (chosen !== undefined) {
                  scheduler.confirm(chosen, `e${chosen}`);
                  inFlight.delete(chosen);
                }
                continue;
              }
              expect(inFlight.has(taken)).toBe(false);
              inFlight.add(taken);
            } else if (move === "confirm" || failuresLeft-- <= 0) {
              scheduler.confirm(chosen, `e${chosen}`);
              inFlight.delete(chosen);
            } else {
              scheduler.release(chosen);
              inFlight.delete(chosen);
            }
          }
          expect(scheduler.take()).toBeUndefined();
          expect(scheduler.confirmedBytes).toBe(parts.size);
          expect(scheduler.parts()).toEqual(
            Array.from({ length: parts.partCount }, (_, index) => ({
              partNumber: index + 1,
              etag: `e${index + 1}`,
            })),
          );
        },
      ),
    );
  });

  test("a signing request names at most a hundred parts, none confirmed, those in flight first", () => {
    fc.assert(
      fc.property(plan, fc.nat({ max: 12 }), fc.nat({ max: 12 }), (parts, take, confirm) => {
        const scheduler = new PartScheduler(parts);
        const taken: number[] = [];
        for (let index = 0; index < take; index++) {
          const number = scheduler.take();
          if (number !== undefined) taken.push(number);
        }
        const confirmed = taken.splice(0, confirm);
        for (const number of confirmed) scheduler.confirm(number, "e");

        const numbers = scheduler.toSign(0);

        expect(numbers.length).toBe(Math.min(100, parts.partCount - confirmed.length));
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(numbers.slice(0, taken.length)).toEqual(taken);
        expect(numbers.filter((number) => confirmed.includes(number))).toEqual([]);
      }),
    );
  });

  test("links are not asked for twice while they last, and again when they expire or are refused", () => {
    const scheduler = new PartScheduler({ size: 30, partSize: 10, partCount: 3 });
    const links = [1, 2, 3].map((partNumber) => ({ partNumber, url: `u${partNumber}` }));
    scheduler.addLinks(links, 100_000);

    expect(scheduler.toSign(0)).toEqual([]);
    scheduler.dropLink(2);
    expect(scheduler.toSign(0)).toEqual([2]);
    expect(scheduler.toSign(90_000)).toEqual([1, 2, 3]);
    expect(scheduler.link(1, 90_000)).toBeUndefined();
  });

  test("a stored part of another length is sent again", () => {
    const scheduler = new PartScheduler({ size: 25, partSize: 10, partCount: 3 });
    scheduler.adopt([
      { partNumber: 1, size: 10, etag: "a" },
      { partNumber: 2, size: 9, etag: "b" },
      { partNumber: 3, size: 5, etag: "c" },
      { partNumber: 4, size: 10, etag: "d" },
    ]);

    expect(scheduler.confirmedBytes).toBe(15);
    expect(scheduler.take()).toBe(2);
    expect(scheduler.take()).toBeUndefined();
  });

  test.each([
    { size: 10, partSize: 0, partCount: 1 },
    { size: 0, partSize: 5, partCount: 0 },
    { size: 11, partSize: 5, partCount: 2 },
    { size: 10, partSize: 5, partCount: 3 },
  ])("a plan that does not make up the file is refused: %o", (parts) => {
    expect(() => new PartScheduler(parts)).toThrow(RangeError);
  });
});
