import fc from "fast-check";
import type { Source } from "../domain/source.ts";
import { sourceFacts } from "./source-facts.ts";

export const arbitraryRate = fc.oneof(
  fc.constantFrom(
    { num: 24_000, den: 1_001 },
    { num: 30_000, den: 1_001 },
    { num: 60_000, den: 1_001 },
    { num: 25, den: 1 },
    { num: 25, den: 2 },
  ),
  fc.integer({ min: 1, max: 60 }).map((num) => ({ num, den: 1 })),
);

/** Sources within the limits. */
export const arbitrarySource: fc.Arbitrary<Source> = fc
  .record({
    width: fc.integer({ min: 16, max: 4_096 }),
    height: fc.integer({ min: 16, max: 2_304 }),
    rate: arbitraryRate,
    endSeconds: fc.double({ min: 0.01, max: 20_000, noNaN: true }),
    keyframeSeconds: fc.double({ min: 0, max: 300, noNaN: true }),
    interlaced: fc.boolean(),
    highDynamicRange: fc.boolean(),
    sound: fc.option(fc.double({ min: 0.01, max: 20_000, noNaN: true })),
  })
  .map(({ sound, ...video }) => {
    const { audio: _, ...silent } = sourceFacts(video, { bytes: 1e12 });
    return sound === null ? silent : { ...silent, audio: { streamIndex: 1, endSeconds: sound } };
  });
