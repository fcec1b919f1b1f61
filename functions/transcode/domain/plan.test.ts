import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitrarySource } from "../testing/arbitrary-source.ts";
import { soundFacts, sourceFacts } from "../testing/source-facts.ts";
import { cpuPerFrame } from "./chunks.ts";
import { Refusal } from "./failure.ts";
import {
  chunkFrames,
  chunkSegments,
  makePlan,
  pictureOf,
  planHashOf,
  planSchema,
  trackNames,
} from "./plan.ts";
import { makesPoster, tasksOf } from "./tasks.ts";
import {
  frameMicroseconds,
  frameTicks,
  seconds,
  segmentAacFrames,
  segmentCount,
  segmentFrames,
  totalAacFrames,
  videoTimescale,
} from "./timeline.ts";

describe("a plan", () => {
  it("tiles the film with segments, and the segments with GOPs, without gap or overlap", () => {
    fc.assert(
      fc.property(arbitrarySource, (source) => {
        const { timeline } = makePlan(source);
        const count = segmentCount(timeline);
        let frame = 0;
        let aacFrame = 0;
        for (let number = 0; number < count; number += 1) {
          const frames = segmentFrames(timeline, number);
          expect(frames.first).toBe(frame);
          expect(frames.end).toBeGreaterThan(frames.first);
          expect(frames.first % timeline.gopFrames).toBe(0);
          const sound = segmentAacFrames(timeline, number);
          expect(sound.first).toBe(aacFrame);
          expect(sound.end).toBeGreaterThan(sound.first);
          frame = frames.end;
          aacFrame = sound.end;
        }
        expect(frame).toBe(timeline.totalFrames);
        expect(aacFrame).toBe(totalAacFrames(timeline));
      }),
      { numRuns: 60 },
    );
  });

  it("puts sound within one AAC frame of its picture at every border", () => {
    fc.assert(
      fc.property(arbitrarySource, fc.nat(), (source, seed) => {
        const { timeline } = makePlan(source);
        const number = seed % segmentCount(timeline);
        const picture = seconds(timeline, segmentFrames(timeline, number).first);
        const sound = (segmentAacFrames(timeline, number).first * 1_024) / 48_000;
        expect(sound - picture).toBeGreaterThanOrEqual(-1e-9);
        expect(sound - picture).toBeLessThan(1_024 / 48_000);
      }),
    );
  });

  it("tiles the segments with chunks that one task can do", () => {
    fc.assert(
      fc.property(arbitrarySource, (source) => {
        const plan = makePlan(source);
        const { keyframeSeconds } = pictureOf(plan);
        const cost = cpuPerFrame(pictureOf(plan), plan.renditions);
        let frame = 0;
        plan.chunks.forEach((_, chunk) => {
          const frames = chunkFrames(plan, chunk);
          const { first, end } = chunkSegments(plan, chunk);
          expect(frames.first).toBe(frame);
          expect(end).toBeGreaterThan(first);
          const isSingle = end - first === 1 || chunk === 0;
          const isForKeyframes =
            seconds(plan.timeline, frames.end - frames.first) <=
            2 * keyframeSeconds + seconds(plan.timeline, plan.timeline.segmentFrames);
          if (!isSingle && !isForKeyframes && plan.chunks.length < 500)
            expect((frames.end - frames.first) * cost).toBeLessThanOrEqual(120.001);
          frame = frames.end;
        });
        expect(frame).toBe(plan.timeline.totalFrames);
        expect(chunkSegments(plan, 0).end).toBeLessThanOrEqual(plan.timeline.leadSegments);
      }),
      { numRuns: 60 },
    );
  });

  it("counts time exactly: a frame is a whole number of ticks, in 32 bits of timescale", () => {
    fc.assert(
      fc.property(arbitrarySource, fc.integer({ min: 1, max: 1_000_000 }), (source, frame) => {
        const { timeline } = makePlan(source);
        const ticks = frameTicks(timeline, frame);
        expect(Number.isSafeInteger(ticks)).toBe(true);
        expect(ticks / videoTimescale(timeline)).toBeCloseTo(seconds(timeline, frame), 6);
        expect(videoTimescale(timeline)).toBeLessThan(2 ** 31);
        expect(
          Math.abs(frameMicroseconds(timeline, frame) / 1e6 - seconds(timeline, frame)),
        ).toBeLessThan(1e-6);
      }),
    );
  });

  it("is the same for the same source, survives JSON, and has a hash of its own", () => {
    fc.assert(
      fc.property(arbitrarySource, (source) => {
        const plan = makePlan(source);
        const again = planSchema.parse(
          JSON.parse(JSON.stringify(makePlan(structuredClone(source)))),
        );
        expect(again).toEqual(plan);
        expect(planHashOf(again)).toBe(planHashOf(plan));
        expect(planHashOf(plan)).toMatch(/^[0-9a-f]{16}$/);
        const reversed = Object.fromEntries(Object.entries(plan).reverse());
        expect(planHashOf(planSchema.parse(reversed))).toBe(planHashOf(plan));
      }),
      { numRuns: 40 },
    );
    expect(planHashOf(makePlan(sourceFacts({ endSeconds: 61 })))).not.toBe(
      planHashOf(makePlan(sourceFacts())),
    );
  });

  it("has GOPs of 60 frames at 29.97 and first chunks of three of them", () => {
    const plan = makePlan(sourceFacts({ rate: { num: 30_000, den: 1_001 }, endSeconds: 600 }));
    expect(plan.timeline).toMatchObject({ gopFrames: 60, segmentFrames: 180, leadSegments: 3 });
    expect(plan.chunks.slice(0, 5)).toEqual([0, 3, 4, 6, 10]);
  });

  it("keeps the picture standing while the sound goes on", () => {
    const plan = makePlan(
      sourceFacts({ endSeconds: 1 }, { audio: { streamIndex: 1, endSeconds: 30 } }),
    );
    expect(plan.timeline.totalFrames).toBe(750);
    expect(plan.stillFrames).toBe(725);
  });

  it("takes the poster from the largest rendition that is at most 1280 wide", () => {
    expect(makePlan(sourceFacts()).posterRendition).toBe("720p");
    expect(makePlan(sourceFacts({ width: 3_840, height: 2_160 })).posterRendition).toBe("720p");
    expect(makePlan(sourceFacts({ width: 640, height: 360 })).posterRendition).toBe("360p");
  });

  it("sends the first chunk and the sound before the rest, the storyboard last", () => {
    const plan = makePlan(sourceFacts());
    expect(tasksOf(plan, "v").map(({ spec }) => spec.kind)).toEqual([
      ...["transcode", "audio", "metadata"],
      ...plan.chunks.slice(1).map(() => "transcode"),
      "thumbnail",
    ]);
  });
});

describe("a plan of sound alone", () => {
  const length = fc.double({ min: 0.001, max: 43_199, noNaN: true });

  it("tiles it with segments of whole AAC frames, without gap or overlap, and no frame too many", () => {
    fc.assert(
      fc.property(length, (endSeconds) => {
        const plan = makePlan(soundFacts(endSeconds));
        const { timeline } = plan;
        let next = 0;
        for (let number = 0; number < segmentCount(timeline); number += 1) {
          const { first, end } = segmentAacFrames(timeline, number);
          expect([first, segmentFrames(timeline, number)]).toEqual([next, { first, end }]);
          expect(end).toBeGreaterThan(first);
          next = end;
        }
        expect(next).toBe(timeline.totalFrames);
        expect(totalAacFrames(timeline)).toBe(timeline.totalFrames);
        const seconds = (timeline.totalFrames * 1_024) / 48_000;
        expect(seconds).toBeGreaterThanOrEqual(endSeconds - 1e-9);
        expect(seconds - endSeconds).toBeLessThan(1_024 / 48_000 + 1e-9);
        expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      }),
      { numRuns: 60 },
    );
  });

  it("begins with three short segments, and has one track and two tasks", () => {
    const plan = makePlan(soundFacts(600));
    const lengths = [0, 1, 2, 3, 4].map((number) => {
      const { first, end } = segmentFrames(plan.timeline, number);
      return ((end - first) * 1_024) / 48_000;
    });
    expect(lengths.map((each) => each.toFixed(1))).toEqual(["2.0", "2.0", "2.0", "6.0", "6.0"]);
    expect(trackNames(plan)).toEqual(["audio"]);
    expect(tasksOf(plan, "v").map(({ spec }) => spec.kind)).toEqual(["audio", "metadata"]);
  });

  it("takes the cover for its poster, by the one who makes the sound", () => {
    const withCover = makePlan(soundFacts(60, { cover: { streamIndex: 1 } }));
    expect(makesPoster(withCover, { kind: "audio" })).toBe(true);
    expect(makesPoster(makePlan(soundFacts(60)), { kind: "audio" })).toBe(false);
    expect(makesPoster(makePlan(sourceFacts()), { kind: "audio" })).toBe(false);
  });
});

describe("a source beyond the limits", () => {
  it.each([
    ["implausible", sourceFacts({ endSeconds: 43_000 }, { bytes: 26_000 }), /bytes cannot hold/],
    ["too-long", sourceFacts({ endSeconds: 90_000 }), /25\.0 h long; the longest .* 12\.0 h/],
    ["implausible", soundFacts(43_000, { bytes: 26_000 }), /bytes cannot hold/],
    ["too-long", soundFacts(90_000), /25\.0 h long/],
    ["too-small", sourceFacts({ width: 8, height: 8 }), /8×8/],
    ["too-large", sourceFacts({ width: 16_000, height: 9_000 }), /16000×9000/],
  ])("is refused as %s", (code, source, words) => {
    const refuse = () => makePlan(source);
    expect(refuse).toThrow(Refusal);
    expect(refuse).toThrow(words);
    expect(refuse).toThrow(expect.objectContaining({ code }));
  });
});
