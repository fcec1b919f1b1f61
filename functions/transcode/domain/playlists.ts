import { segmentName } from "./keys.ts";
import type { Rendition } from "./ladder.ts";
import { audioTrack, type Plan } from "./plan.ts";
import { toNumber } from "./rational.ts";
import {
  aacFrameMicroseconds,
  frameMicroseconds,
  segmentAacFrames,
  segmentCount,
  segmentFrames,
  type Timeline,
} from "./timeline.ts";

/** RFC 8216 section 7: fMP4 by EXT-X-MAP in playlists of whole segments needs 6, CMAF players say 7. */
const version = 7;
const audioGroup = "audio";
const aacCodec = "mp4a.40.2";
const audioKbps = 128;
/** AAC's bit reservoir and the boxes around it. */
const audioPeakFactor = 1.15;

/** `6.006000`: integer microseconds, so that the sum over a playlist is exact. */
const decimalSeconds = (microseconds: number): string =>
  `${Math.floor(microseconds / 1_000_000)}.${String(microseconds % 1_000_000).padStart(6, "0")}`;

/**
 * Microseconds that segment `number` of a track lasts.
 *
 * @param timeline with `totalFrames` as they came, which may be fewer than planned
 */
export const segmentMicroseconds = (timeline: Timeline, track: string, number: number): number => {
  if (track === audioTrack) {
    const { first, end } = segmentAacFrames(timeline, number);
    return aacFrameMicroseconds(end) - aacFrameMicroseconds(first);
  }
  const { first, end } = segmentFrames(timeline, number);
  return frameMicroseconds(timeline, end) - frameMicroseconds(timeline, first);
};

/** RFC 8216 section 4.3.3.1: no EXTINF, rounded to a second, is longer. One for all tracks. */
const targetDuration = (plan: Plan): number => {
  const longest = { ...plan.timeline, totalFrames: Number.MAX_SAFE_INTEGER };
  const frames = Math.max(plan.timeline.segmentFrames, plan.timeline.gopFrames);
  const video = frameMicroseconds(longest, frames);
  return Math.max(1, Math.round((video + aacFrameMicroseconds(1)) / 1_000_000));
};

/**
 * A media playlist of segments [0, `frontier`). It stays an EVENT at the end: changing the type is
 * not among the changes that RFC 8216 section 6.2.1 allows.
 */
export const mediaPlaylist = (
  plan: Plan,
  track: string,
  state: { readonly frontier: number; readonly totalFrames: number; readonly ended: boolean },
): string => {
  const timeline = { ...plan.timeline, totalFrames: state.totalFrames };
  const segments = Array.from({ length: state.frontier }, (_, number) => [
    `#EXTINF:${decimalSeconds(segmentMicroseconds(timeline, track, number))},`,
    segmentName(number),
  ]);
  return lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${version}`,
    `#EXT-X-TARGETDURATION:${targetDuration(plan)}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-PLAYLIST-TYPE:EVENT",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    // Players start a list without an end at its live edge otherwise.
    "#EXT-X-START:TIME-OFFSET=0",
    '#EXT-X-MAP:URI="init.mp4"',
    ...segments.flat(),
    ...(state.ended ? ["#EXT-X-ENDLIST"] : []),
  ]);
};

/** Bits a second of a finished track. */
export interface Bandwidth {
  readonly peak: number;
  readonly average: number;
}

/** While it grows: no segment can be larger than what the encoder's buffer lets through. */
const declaredPeak = (plan: Plan, rendition: Rendition): number => {
  const seconds = plan.timeline.segmentFrames / toNumber(plan.timeline.rate);
  return Math.ceil((rendition.maxrateKbps + rendition.bufferKbit / seconds) * 1_000);
};

const masterHead = [
  "#EXTM3U",
  `#EXT-X-VERSION:${version}`,
  "#EXT-X-INDEPENDENT-SEGMENTS",
  "#EXT-X-START:TIME-OFFSET=0",
];

/** @param measured of every track once all are finished; undefined while they grow */
export const masterPlaylist = (plan: Plan, measured?: ReadonlyMap<string, Bandwidth>): string => {
  const { audio } = plan.source;
  const sound = measured?.get(audioTrack);
  const soundPeak = audio ? (sound?.peak ?? audioKbps * 1_000 * audioPeakFactor) : 0;
  const variants = plan.renditions.flatMap((rendition) => {
    const own = measured?.get(rendition.name);
    const attributes = [
      `BANDWIDTH=${Math.ceil((own?.peak ?? declaredPeak(plan, rendition)) + soundPeak)}`,
      ...(own ? [`AVERAGE-BANDWIDTH=${Math.ceil(own.average + (sound?.average ?? 0))}`] : []),
      `CODECS="${[rendition.codec, ...(audio ? [aacCodec] : [])].join(",")}"`,
      `RESOLUTION=${rendition.width}x${rendition.height}`,
      `FRAME-RATE=${toNumber(plan.timeline.rate).toFixed(3)}`,
      ...(audio ? [`AUDIO="${audioGroup}"`] : []),
    ];
    return [`#EXT-X-STREAM-INF:${attributes.join(",")}`, `${rendition.name}/index.m3u8`];
  });
  if (plan.renditions.length === 0)
    return lines([
      ...masterHead,
      `#EXT-X-STREAM-INF:${[
        `BANDWIDTH=${Math.ceil(soundPeak)}`,
        ...(sound ? [`AVERAGE-BANDWIDTH=${Math.ceil(sound.average)}`] : []),
        `CODECS="${aacCodec}"`,
      ].join(",")}`,
      `${audioTrack}/index.m3u8`,
    ]);
  const language = audio?.language ? `,LANGUAGE="${audio.language}"` : "";
  return lines([
    ...masterHead,
    ...(audio
      ? [
          `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${audioGroup}",NAME="Audio"${language},DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${audioTrack}/index.m3u8"`,
        ]
      : []),
    ...variants,
  ]);
};

/** Milliseconds that can be played when every track has `frontier` segments. */
export const playableMs = (timeline: Timeline, frontier: number): number =>
  frontier === 0
    ? 0
    : Math.round(
        frameMicroseconds(
          timeline,
          segmentFrames(timeline, Math.min(frontier, segmentCount(timeline)) - 1).end,
        ) / 1_000,
      );

/** Milliseconds of the whole video, as far as the plan knows: the end may find fewer. */
export const plannedMs = ({ timeline }: Plan): number =>
  playableMs(timeline, segmentCount(timeline));

const lines = (all: readonly string[]) => `${all.join("\n")}\n`;
