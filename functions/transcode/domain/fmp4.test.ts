import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fakeFragment, fakeInit, piecesOf } from "../testing/fake-encoder.ts";
import { join, MalformedMediaError, readFragment } from "./fmp4.ts";
import { mergeAudioFragments } from "./fmp4-audio.ts";

describe("the reader of fragmented MP4", () => {
  it("cuts the same pieces however the bytes arrive", async () => {
    const fragments = [fakeFragment(0, 3), fakeFragment(3_000, 5), fakeFragment(2 ** 40, 1)];
    const movie = join([fakeInit("720p"), ...fragments]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: movie.length }), async (chunkBytes) => {
        const pieces = await piecesOf(movie, chunkBytes);
        expect(pieces.map(({ bytes }) => bytes)).toEqual([fakeInit("720p"), ...fragments]);
        expect(
          pieces.map((piece) =>
            piece.kind === "fragment"
              ? [piece.fragment.decodeTime, piece.fragment.sampleSizes.length]
              : piece.kind,
          ),
        ).toEqual(["init", [0, 3], [3_000, 5], [2 ** 40, 1]]);
      }),
      { numRuns: 50 },
    );
  });

  it("refuses any stream that is cut", async () => {
    const movie = join([fakeInit("720p"), fakeFragment(0, 3)]);
    const whole = new Set([0, 12, fakeInit("720p").length, movie.length]);
    for (let length = 0; length < movie.length; length += 1) {
      if (whole.has(length)) continue;
      await expect(piecesOf(movie.subarray(0, length), 100)).rejects.toThrow(MalformedMediaError);
    }
  });

  it("says of any bytes that they are malformed, and nothing worse", () => {
    const fragment = fakeFragment(0, 20);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 255 })), { minLength: 1 }),
        (changes) => {
          const damaged = new Uint8Array(fragment);
          for (const [offset, value] of changes) damaged[offset] = value;
          try {
            expect(readFragment(damaged).sampleSizes.length).toBeLessThanOrEqual(1_000_000);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedMediaError);
          }
        },
      ),
    );
  });

  it("puts AAC frames together without losing a byte", async () => {
    const [first, second] = await piecesOf(
      join([fakeFragment(1_024, 1), fakeFragment(2_048, 1)]),
      999,
    );
    if (first?.kind !== "fragment" || second?.kind !== "fragment") throw new Error("no fragments");
    const merged = mergeAudioFragments([first, second], 7);
    const { decodeTime, sampleSizes } = readFragment(merged);
    expect(decodeTime).toBe(1_024);
    expect(sampleSizes).toEqual([...first.fragment.sampleSizes, ...second.fragment.sampleSizes]);
    const payload = [first, second].map(({ bytes, fragment }) =>
      bytes.subarray(bytes.length - (fragment.sampleSizes[0] ?? 0)),
    );
    expect(merged.subarray(merged.length - join(payload).length)).toEqual(join(payload));
  });
});
