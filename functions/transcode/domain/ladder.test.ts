import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ladderOf } from "./ladder.ts";

const rate = { num: 30, den: 1 };
const names = (width: number, height: number) =>
  ladderOf({ width, height }, rate).map(({ name }) => name);
const sizes = (width: number, height: number) =>
  ladderOf({ width, height }, rate).map((each) => `${each.width}x${each.height}`);

describe("the ladder", () => {
  it.each([
    [3_840, 2_160, ["2160p", "1080p", "720p", "480p", "240p"]],
    [2_560, 1_440, ["1440p", "1080p", "720p", "480p", "240p"]],
    [1_920, 1_080, ["1080p", "720p", "480p", "360p", "240p"]],
    [1_080, 1_920, ["1080p", "720p", "480p", "360p", "240p"]],
    [1_920, 804, ["1080p", "720p", "480p", "360p", "240p"]],
    [1_280, 720, ["720p", "480p", "360p", "240p"]],
    [640, 360, ["360p", "240p", "120p"]],
    [320, 180, ["180p", "90p", "45p"]],
  ])("of %i×%i", (width, height, expected) => {
    expect(names(width, height)).toEqual(expected);
  });

  it("keeps the shape: wide, portrait, four to three", () => {
    expect(sizes(1_920, 804).slice(0, 2)).toEqual(["1920x804", "1280x536"]);
    expect(sizes(1_080, 1_920).slice(0, 2)).toEqual(["1080x1920", "720x1280"]);
    expect(sizes(1_440, 1_080).slice(0, 2)).toEqual(["1440x1080", "960x720"]);
    expect(sizes(1_920, 1_088)[0]).toBe("1920x1088");
  });

  it("has three to five renditions, even, different, and never larger than the source", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 8_000 }),
        fc.integer({ min: 16, max: 4_000 }),
        fc.integer({ min: 1, max: 60 }),
        (width, height, num) => {
          const ladder = ladderOf({ width, height }, { num, den: 1 });
          expect(ladder.length).toBeGreaterThanOrEqual(3);
          expect(ladder.length).toBeLessThanOrEqual(5);
          expect(new Set(ladder.map(({ name }) => name)).size).toBe(ladder.length);
          for (const each of ladder) {
            expect(each.width % 2 || each.height % 2).toBe(0);
            expect(each.width).toBeLessThanOrEqual(width);
            expect(each.height).toBeLessThanOrEqual(height);
            expect(each.codec).toMatch(/^avc1\.6400[0-9a-f]{2}$/);
          }
        },
      ),
    );
  });

  it("states the level that a decoder needs", () => {
    const level = (width: number, height: number, num: number) =>
      ladderOf({ width, height }, { num, den: 1 })[0]?.levelIdc;
    expect(level(1_920, 1_080, 30)).toBe(40);
    expect(level(1_920, 1_080, 60)).toBe(42);
    expect(level(1_280, 720, 30)).toBe(31);
    expect(level(3_840, 2_160, 60)).toBe(52);
  });
});
