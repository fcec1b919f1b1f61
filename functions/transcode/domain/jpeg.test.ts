import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fakeJpeg } from "../testing/fake-jpeg.ts";
import { join } from "./fmp4.ts";
import { jpegSize, splitJpegs } from "./jpeg.ts";

const side = fc.integer({ min: 1, max: 65_535 });
/** Entropy-coded data as an encoder writes it: 0xFF is stuffed. */
const content = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
  .map((bytes) => bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));

describe("the reader of JPEG", () => {
  it("tells pictures apart that come one after another, and how large they are", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(side, side, content), { maxLength: 5 }), (pictures) => {
        const all = pictures.map(([width, height, data]) => fakeJpeg(width, height, data));
        const split = splitJpegs(join(all));
        expect(split).toEqual(all);
        expect(split.map(jpegSize)).toEqual(pictures.map(([width, height]) => ({ width, height })));
      }),
    );
  });

  it("drops a picture that is cut", () => {
    const whole = fakeJpeg(160, 90);
    for (let length = 0; length < whole.length; length += 1)
      expect(splitJpegs(join([whole, whole.subarray(0, length)]))).toEqual([whole]);
  });

  it("reads anything else without harm", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const disguised = join([Uint8Array.of(0xff, 0xd8), bytes]);
        jpegSize(bytes);
        jpegSize(disguised);
        expect(splitJpegs(bytes).length).toBeLessThan(50);
      }),
    );
    expect(jpegSize(new TextEncoder().encode("GIF89a"))).toBeUndefined();
  });
});
