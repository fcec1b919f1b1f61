import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitrarySource } from "../testing/arbitrary-source.ts";
import { sourceFacts } from "../testing/source-facts.ts";
import { makePlan } from "./plan.ts";
import { playableMs } from "./playlists.ts";
import {
  storyboardLimits,
  storyboardOf,
  storyboardRendition,
  storyboardSegments,
  storyboardText,
} from "./storyboard.ts";
import { segmentCount, segmentFrames } from "./timeline.ts";

const cueAt = /^(\d\d):(\d\d):(\d\d)\.(\d{3})$/;
const ms = (stamp = "") => {
  const [, hours, minutes, seconds, rest] = (cueAt.exec(stamp) ?? []).map(Number);
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000 + (rest ?? 0);
};

const made = (plan: ReturnType<typeof makePlan>, totalFrames = plan.timeline.totalFrames) => {
  const storyboard = storyboardOf(plan, totalFrames);
  if (!storyboard) throw new Error("There is no storyboard.");
  return storyboard;
};

describe("a storyboard", () => {
  it("covers the video from 0 to its end without gap or overlap, each cue with a sprite of its own", () => {
    fc.assert(
      fc.property(
        arbitrarySource,
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        (source, share) => {
          // Prepare: the source may turn out to be shorter than planned.
          const plan = makePlan(source);
          const totalFrames = Math.max(1, Math.ceil(plan.timeline.totalFrames * share));
          const storyboard = made(plan, totalFrames);

          // Act
          const text = storyboardText(storyboard);

          // Assess
          const cues = text.split("\n\n").slice(1);
          const timeline = { ...plan.timeline, totalFrames };
          let end = 0;
          const sprites = cues.map((cue) => {
            const [times = "", sprite = ""] = cue.split("\n");
            const [from, to] = times.split(" --> ").map((stamp) => ms(stamp));
            expect(from).toBe(end);
            end = to ?? 0;
            return sprite;
          });
          expect(end).toBe(playableMs(timeline, segmentCount(timeline)));
          expect(new Set(sprites).size).toBe(storyboard.pictures);
          for (const sprite of sprites) {
            const [, sheet, x, y, width, height] =
              /^storyboard-(\d{3})\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(sprite)?.map(Number) ??
              [];
            expect(sheet).toBeLessThan(storyboard.sheets);
            expect((x ?? 0) + (width ?? 0)).toBeLessThanOrEqual(storyboard.columns * (width ?? 0));
            expect((y ?? 0) + (height ?? 0)).toBeLessThanOrEqual(storyboard.rows * (height ?? 0));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("stays within its limits, and takes pictures from keyframes of segments that are there", () => {
    fc.assert(
      fc.property(arbitrarySource, (source) => {
        const plan = makePlan(source);
        const storyboard = made(plan);
        const { intervalFrames, pictures, sheets, width, height } = storyboard;
        const rendition = storyboardRendition(plan);
        expect(intervalFrames % plan.timeline.gopFrames).toBe(0);
        expect(sheets).toBeLessThanOrEqual(storyboardLimits.maxSheets);
        expect(Math.max(width, height)).toBeLessThanOrEqual(160);
        expect(width).toBeLessThanOrEqual(rendition?.width ?? 0);
        const segments = storyboardSegments(storyboard);
        expect(segments.length).toBeLessThanOrEqual(storyboardLimits.maxInputs);
        for (let picture = 0; picture < pictures; picture += 1) {
          const frame = picture * intervalFrames;
          const isHeld = segments.some((number) => {
            const { first, end } = segmentFrames(plan.timeline, number);
            return first <= frame && frame < end;
          });
          expect(isHeld).toBe(true);
        }
        const bytes = new TextEncoder().encode(storyboardText(storyboard)).length;
        expect(bytes).toBeLessThanOrEqual(storyboardLimits.maxTextBytes);
      }),
      { numRuns: 40 },
    );
  });

  it("has a picture each GOP of a short film, on one sheet no larger than it needs", () => {
    const storyboard = made(makePlan(sourceFacts({ endSeconds: 61 })));
    expect(storyboard).toMatchObject({
      ...{ pictures: 31, columns: 10, rows: 4, sheets: 1 },
      ...{ width: 160, height: 90, intervalFrames: 50 },
    });
    expect(storyboardText(storyboard).split("\n").slice(0, 6)).toEqual([
      "WEBVTT",
      "",
      "00:00:00.000 --> 00:00:02.000",
      "storyboard-000.jpg#xywh=0,0,160,90",
      "",
      "00:00:02.000 --> 00:00:04.000",
    ]);
  });

  it("stands upright for a film that does", () => {
    expect(made(makePlan(sourceFacts({ width: 1_080, height: 1_920 })))).toMatchObject({
      width: 90,
      height: 160,
    });
  });
});
