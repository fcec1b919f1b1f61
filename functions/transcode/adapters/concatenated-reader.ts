import { join } from "../domain/fmp4.ts";
import type { EncoderInput } from "../ports.ts";
import type { RangeReader } from "./block-cache.ts";

/** Reads several objects as if they were one, each by ranges of its own. */
export const readConcatenated = (
  parts: readonly EncoderInput[],
  readerOf: (url: string) => RangeReader,
): RangeReader => {
  let end = 0;
  const placed = parts.map(({ url, bytes }) => {
    const first = end;
    end += bytes;
    return { first, end, read: readerOf(url) };
  });
  return async (from, to, signal) =>
    join(
      await Promise.all(
        placed
          .filter((part) => part.first < to && part.end > from)
          .map((part) =>
            part.read(Math.max(0, from - part.first), Math.min(to, part.end) - part.first, signal),
          ),
      ),
    );
};
