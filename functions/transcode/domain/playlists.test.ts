import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitrarySource } from "../testing/arbitrary-source.ts";
import { soundFacts, sourceFacts } from "../testing/source-facts.ts";
import { makePlan, trackNames } from "./plan.ts";
import { masterPlaylist, mediaPlaylist, playableMs } from "./playlists.ts";
import { seconds, segmentCount } from "./timeline.ts";

const durations = (playlist: string) =>
  [...playlist.matchAll(/#EXTINF:(\d+)\.(\d{6}),/g)].map(
    ([, whole, micro]) => Number(whole) * 1_000_000 + Number(micro),
  );

describe("a media playlist", () => {
  it("states durations that sum exactly to the length of the film", () => {
    fc.assert(
      fc.property(arbitrarySource, (source) => {
        const plan = makePlan(source);
        const { timeline } = plan;
        const frontier = segmentCount(timeline);
        const state = { frontier, totalFrames: timeline.totalFrames, ended: true };
        const playlist = mediaPlaylist(plan, plan.renditions[0]?.name ?? "", state);
        const sum = durations(playlist).reduce((total, each) => total + each, 0);
        expect(sum).toBe(
          Math.round((timeline.totalFrames * timeline.rate.den * 1e6) / timeline.rate.num),
        );
        expect(Math.round(sum / 1_000)).toBe(playableMs(timeline, frontier));
      }),
      { numRuns: 40 },
    );
  });

  it("has no segment longer than its target, which all tracks share", () => {
    fc.assert(
      fc.property(arbitrarySource, (source) => {
        const plan = makePlan(source);
        const { totalFrames } = plan.timeline;
        const frontier = Math.min(50, segmentCount(plan.timeline));
        const targets = trackNames(plan).map((track) => {
          const playlist = mediaPlaylist(plan, track, { frontier, totalFrames, ended: false });
          const target = Number(/TARGETDURATION:(\d+)/.exec(playlist)?.[1]);
          for (const micro of durations(playlist))
            expect(Math.round(micro / 1_000_000)).toBeLessThanOrEqual(target);
          return target;
        });
        expect(new Set(targets).size).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it("only grows: a longer one begins with the shorter one", () => {
    const plan = makePlan(sourceFacts());
    const { totalFrames } = plan.timeline;
    const at = (frontier: number, ended: boolean) =>
      mediaPlaylist(plan, "720p", { frontier, totalFrames, ended });
    expect(at(5, false).startsWith(at(4, false))).toBe(true);
    expect(at(5, true)).toBe(`${at(5, false)}#EXT-X-ENDLIST\n`);
    expect(at(5, false)).toContain("#EXT-X-PLAYLIST-TYPE:EVENT");
  });
});

describe("the master playlist", () => {
  it("declares before the first frame what a player must know", () => {
    const plan = makePlan(sourceFacts());
    expect(masterPlaylist(plan).split("\n").slice(0, 7)).toEqual([
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      "#EXT-X-INDEPENDENT-SEGMENTS",
      "#EXT-X-START:TIME-OFFSET=0",
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/index.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=3613867,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio"',
      "720p/index.m3u8",
    ]);
  });

  it("states what was measured once all is made", () => {
    const plan = makePlan(sourceFacts());
    const measured = new Map(
      trackNames(plan).map((track) => [track, { peak: 1_000_000, average: 500_000 }]),
    );
    expect(masterPlaylist(plan, measured)).toContain(
      "BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1000000,",
    );
  });

  it("names no sound where there is none", () => {
    const { audio: _, ...silent } = sourceFacts();
    const playlist = masterPlaylist(makePlan(silent));
    expect(playlist).not.toMatch(/audio|mp4a/i);
  });

  it("of sound alone names it as the one variant, with what a player must know of it", () => {
    const plan = makePlan(soundFacts(600));
    const measured = new Map([["audio", { peak: 130_500.5, average: 128_000 }]]);
    const variant = (playlist: string) => playlist.split("\n").slice(4);
    expect(variant(masterPlaylist(plan))).toEqual([
      '#EXT-X-STREAM-INF:BANDWIDTH=147200,CODECS="mp4a.40.2"',
      ...["audio/index.m3u8", ""],
    ]);
    expect(variant(masterPlaylist(plan, measured))).toEqual([
      '#EXT-X-STREAM-INF:BANDWIDTH=130501,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2"',
      ...["audio/index.m3u8", ""],
    ]);
  });

  it("of sound alone states durations that sum exactly", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 40_000, noNaN: true }), (endSeconds) => {
        const plan = makePlan(soundFacts(endSeconds));
        const { totalFrames } = plan.timeline;
        const frontier = segmentCount(plan.timeline);
        const playlist = mediaPlaylist(plan, "audio", { frontier, totalFrames, ended: true });
        const sum = durations(playlist).reduce((total, each) => total + each, 0);
        expect(sum).toBe(Math.round((totalFrames * 1_024 * 1e6) / 48_000));
      }),
      { numRuns: 40 },
    );
  });

  it("is playable for as long as all tracks reach", () => {
    const { timeline } = makePlan(sourceFacts());
    expect(playableMs(timeline, 0)).toBe(0);
    expect(playableMs(timeline, 1)).toBe(2_000);
    expect(playableMs(timeline, 4)).toBe(12_000);
    expect(playableMs(timeline, 99)).toBe(seconds(timeline, timeline.totalFrames) * 1_000);
  });
});
