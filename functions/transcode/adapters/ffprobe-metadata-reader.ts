import { fileMetadataOf } from "../domain/file-metadata.ts";
import type { MetadataReader } from "../ports.ts";
import type { RangeReader } from "./block-cache.ts";
import { ffprobeReport } from "./ffprobe-report.ts";
import { openLoopbackSource } from "./loopback-source-proxy.ts";

const limitMs = 60_000;
const shows = ["-show_format", "-show_streams", "-show_chapters"];

/** @param readerOf how to read ranges of what a link points to */
export const createFfprobeMetadataReader = (
  readerOf: (url: string) => RangeReader,
): MetadataReader => ({
  async read(input, signal) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const proxy = await openLoopbackSource({
      bytes: input.bytes,
      read: readerOf(input.url),
      signal: limited,
    });
    try {
      return fileMetadataOf(await ffprobeReport(proxy.url, shows, limited));
    } catch (error) {
      throw proxy.failure() ?? error;
    } finally {
      await proxy.close();
    }
  },
});
