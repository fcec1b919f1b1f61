import { z } from "zod";
import { h264Codec, h264Level } from "./h264-level.ts";
import { type Rational, toNumber } from "./rational.ts";

export const renditionSchema = z.strictObject({
  name: z.string().regex(/^\d{1,4}p$/),
  width: z.int().min(2).multipleOf(2),
  height: z.int().min(2).multipleOf(2),
  maxrateKbps: z.int().min(1),
  bufferKbit: z.int().min(1),
  /** `level_idc` of H.264, fixed so that CODECS is known before the first frame is made. */
  levelIdc: z.int(),
  codec: z.string(),
});
export type Rendition = z.infer<typeof renditionSchema>;

const rungs = [1440, 1080, 720, 480, 360, 240] as const;
const topHeight = 2160;
const minRenditions = 3;
const maxRenditions = 5;
/** Left out first when there are more than `maxRenditions`. */
const dispensable = [360, 1440];

const even = (length: number, most: number) =>
  Math.max(2, Math.min(2 * Math.round(length / 2), 2 * Math.floor(most / 2)));

/**
 * The height that a 16:9 picture of this extent has: 1920x804, 1440x1080 and 1080x1920 are 1080,
 * and so is 1920x1088, which is 1080 rounded up to whole macroblocks.
 */
const nominalHeight = (width: number, height: number) => {
  const exact = Math.max(Math.min(width, height), (Math.max(width, height) * 9) / 16);
  const near = [topHeight, ...rungs].find((rung) => Math.abs(exact / rung - 1) < 0.02);
  return near ?? Math.round(exact);
};

const heights = (source: number): number[] => {
  const top = Math.min(source, topHeight);
  let lower = rungs.filter((rung) => rung <= top * 0.75).map(Number);
  for (const height of dispensable)
    if (lower.length + 1 > maxRenditions) lower = lower.filter((other) => other !== height);
  // A small source still gets three, by halving: 360 and 240 and 120.
  while (lower.length + 1 < minRenditions)
    lower.push(Math.max(2, Math.round((lower.at(-1) ?? top) / 2)));
  return [top, ...lower];
};

/** 5 Mbit/s for 1080p30; falls a little slower than the area, and grows with the root of the rate. */
const maxrateKbps = (width: number, height: number, framesPerSecond: number): number => {
  const area = ((width * height) / (1920 * 1080)) ** 0.8;
  const motion = Math.max(1, framesPerSecond / 30) ** 0.5;
  return Math.max(50, Math.round((5_000 * area * motion) / 50) * 50);
};

/**
 * Renditions, best first: never larger than the source, three to five of them, sizes even,
 * pixels square.
 *
 * @param picture as it is shown: rotated, with square pixels
 */
export const ladderOf = (
  picture: { readonly width: number; readonly height: number },
  rate: Rational,
): Rendition[] => {
  const source = nominalHeight(picture.width, picture.height);
  const framesPerSecond = toNumber(rate);
  return heights(source).map((nominal) => {
    const scale = nominal / source;
    const width = even(picture.width * scale, picture.width);
    const height = even(picture.height * scale, picture.height);
    const maxrate = maxrateKbps(width, height, framesPerSecond);
    const bufferKbit = maxrate * 2;
    const levelIdc = h264Level({
      width,
      height,
      framesPerSecond,
      maxrateKbps: maxrate,
      bufferKbit,
    });
    return {
      name: `${nominal}p`,
      width,
      height,
      maxrateKbps: maxrate,
      bufferKbit,
      levelIdc,
      codec: h264Codec(levelIdc),
    };
  });
};
