/** ITU-T H.264 table A-1; rates and buffers in kbit (×1.25 for High profile, table A-2). */
const levels = [
  { idc: 20, macroblocksPerSecond: 11_880, macroblocks: 396, rate: 2_000, buffer: 2_000 },
  { idc: 21, macroblocksPerSecond: 19_800, macroblocks: 792, rate: 4_000, buffer: 4_000 },
  { idc: 22, macroblocksPerSecond: 20_250, macroblocks: 1_620, rate: 4_000, buffer: 4_000 },
  { idc: 30, macroblocksPerSecond: 40_500, macroblocks: 1_620, rate: 10_000, buffer: 10_000 },
  { idc: 31, macroblocksPerSecond: 108_000, macroblocks: 3_600, rate: 14_000, buffer: 14_000 },
  { idc: 32, macroblocksPerSecond: 216_000, macroblocks: 5_120, rate: 20_000, buffer: 20_000 },
  { idc: 40, macroblocksPerSecond: 245_760, macroblocks: 8_192, rate: 20_000, buffer: 25_000 },
  { idc: 42, macroblocksPerSecond: 522_240, macroblocks: 8_704, rate: 50_000, buffer: 62_500 },
  { idc: 50, macroblocksPerSecond: 589_824, macroblocks: 22_080, rate: 135_000, buffer: 135_000 },
  { idc: 51, macroblocksPerSecond: 983_040, macroblocks: 36_864, rate: 240_000, buffer: 240_000 },
] as const;
const highest = { idc: 52, macroblocksPerSecond: 2_073_600, macroblocks: 36_864 };

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly maxrateKbps: number;
  readonly bufferKbit: number;
}

/** The lowest level that holds the picture, as `level_idc` (31 is level 3.1). */
export const h264Level = (picture: Picture): number => {
  const columns = Math.ceil(picture.width / 16);
  const rows = Math.ceil(picture.height / 16);
  const level = levels.find(
    (candidate) =>
      columns * rows <= candidate.macroblocks &&
      Math.max(columns, rows) ** 2 <= 8 * candidate.macroblocks &&
      columns * rows * picture.framesPerSecond <= candidate.macroblocksPerSecond &&
      picture.maxrateKbps <= candidate.rate * 1.25 &&
      picture.bufferKbit <= candidate.buffer * 1.25,
  );
  return (level ?? highest).idc;
};

/** RFC 6381 for High profile without constraints (profile_idc 100). */
export const h264Codec = (levelIdc: number): string =>
  `avc1.6400${levelIdc.toString(16).padStart(2, "0")}`;
