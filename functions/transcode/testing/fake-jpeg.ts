import { join } from "../domain/fmp4.ts";

const segment = (code: number, body: readonly number[]) =>
  Uint8Array.of(0xff, code, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body);

/** Markers as in a baseline JPEG of this size, and `content` for its entropy-coded data. */
export const fakeJpeg = (
  width: number,
  height: number,
  content: readonly number[] = [1, 0xff, 0, 2, 0xff, 0xd0, 3],
): Uint8Array =>
  join([
    Uint8Array.of(0xff, 0xd8),
    segment(0xdb, [0, ...Array.from({ length: 64 }, () => 1)]),
    segment(0xc0, [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0]),
    segment(0xda, [1, 1, 0, 0, 63, 0]),
    Uint8Array.from(content),
    Uint8Array.of(0xff, 0xd9),
  ]);
