import { storyboardSheetName } from "./keys.ts";
import type { Rendition } from "./ladder.ts";
import type { Plan } from "./plan.ts";
import { frameMicroseconds, segmentOfFrame, type Timeline } from "./timeline.ts";

/**
 * Small pictures of a video at even distances, for a scrub bar: sprites on JPEG sheets, and a
 * WebVTT file that says which sprite belongs to which time (Media Fragments URI 1.0, `#xywh=`).
 */
export interface Storyboard {
  /** Of the video as it came. */
  readonly timeline: Timeline;
  /** From one picture to the next; whole GOPs, so that every picture is a keyframe. */
  readonly intervalFrames: number;
  readonly pictures: number;
  /** Sprites of one sheet. */
  readonly columns: number;
  readonly rows: number;
  /** Pixels of one sprite. */
  readonly width: number;
  readonly height: number;
  readonly sheets: number;
}

/** Of a film of 27 minutes one each GOP; longer ones have wider gaps. */
const maxPictures = 800;
const maxColumns = 10;
const maxRows = 10;
const longestSide = 160;

export const storyboardLimits = {
  maxSheets: Math.ceil(maxPictures / (maxColumns * maxRows)),
  maxInputs: maxPictures,
  maxSheetBytes: 4 * 1024 * 1024,
  /** 800 cues of 72 bytes are 58 KB. */
  maxTextBytes: 128 * 1024,
};

/** The rendition from which it is made: the source is not read again for it. */
export const storyboardRendition = (plan: Plan): Rendition | undefined => plan.renditions.at(-1);

const even = (length: number) => Math.max(2, 2 * Math.round(length / 2));

/** @param totalFrames as they came @returns undefined where there is no picture */
export const storyboardOf = (plan: Plan, totalFrames: number): Storyboard | undefined => {
  const rendition = storyboardRendition(plan);
  if (!rendition) return undefined;
  const { gopFrames } = plan.timeline;
  const gops = Math.ceil(totalFrames / gopFrames);
  const intervalFrames = Math.ceil(gops / maxPictures) * gopFrames;
  const pictures = Math.ceil(totalFrames / intervalFrames);
  const columns = Math.min(maxColumns, pictures);
  const rows = Math.min(maxRows, Math.ceil(pictures / columns));
  const scale = Math.min(1, longestSide / Math.max(rendition.width, rendition.height));
  return {
    timeline: { ...plan.timeline, totalFrames },
    intervalFrames,
    pictures,
    ...{ columns, rows },
    width: even(rendition.width * scale),
    height: even(rendition.height * scale),
    sheets: Math.ceil(pictures / (columns * rows)),
  };
};

/** Numbers of the segments that hold its pictures, in order. */
export const storyboardSegments = ({
  timeline,
  intervalFrames,
  pictures,
}: Storyboard): number[] => [
  ...new Set(
    Array.from({ length: pictures }, (_, picture) =>
      segmentOfFrame(timeline, picture * intervalFrames),
    ),
  ),
];

/** `00:01:02.500` (WebVTT, "WebVTT timestamp"). */
const timestamp = (microseconds: number): string => {
  const ms = Math.round(microseconds / 1_000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map(two).join(":");
  return `${clock}.${String(ms % 1_000).padStart(3, "0")}`;
};

/** `storyboard.vtt`: a cue a picture, without gap or overlap, from 0 to the video's end. */
export const storyboardText = (storyboard: Storyboard): string => {
  const { timeline, intervalFrames, pictures, columns, rows, width, height } = storyboard;
  const at = (picture: number) =>
    timestamp(
      frameMicroseconds(timeline, Math.min(picture * intervalFrames, timeline.totalFrames)),
    );
  const cues = Array.from({ length: pictures }, (_, picture) => {
    const sheet = Math.floor(picture / (columns * rows));
    const place = picture % (columns * rows);
    const x = (place % columns) * width;
    const y = Math.floor(place / columns) * height;
    const sprite = `${storyboardSheetName(sheet)}#xywh=${x},${y},${width},${height}`;
    return `${at(picture)} --> ${at(picture + 1)}\n${sprite}\n`;
  });
  return ["WEBVTT\n", ...cues].join("\n");
};
