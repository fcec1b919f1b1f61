import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFfmpegEncoder } from "./adapters/ffmpeg-encoder.ts";
import { createFfprobeMetadataReader } from "./adapters/ffprobe-metadata-reader.ts";
import { createFfprobeProber } from "./adapters/ffprobe-prober.ts";
import { jpegSize } from "./domain/jpeg.ts";
import { mediaKeys } from "./domain/keys.ts";
import { createMemoryPipeline } from "./testing/memory-pipeline.ts";
import { bars, execute, makeSource } from "./testing/synthetic-sources.ts";

const seconds = 27;

/** Red, green and blue of what `filters` leave of a picture, as one pixel. */
const color = async (picture: Uint8Array, filters: string): Promise<number[]> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-picture-"));
  try {
    const path = join(directory, "picture");
    await writeFile(path, picture);
    const { stdout } = await execute(
      "ffmpeg",
      [
        ...["-v", "error", "-nostdin", "-i", path, "-frames:v", "1"],
        ...["-vf", `${filters},scale=1:1:flags=area,format=rgb24`, "-f", "rawvideo", "-"],
      ],
      { encoding: "buffer" },
    );
    return [...stdout];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

describe("a film whose brightness tells the time", () => {
  const source = () =>
    makeSource([
      ...["-f", "lavfi", "-i", `color=s=16x16:r=25:d=${seconds},format=yuv420p`],
      ...["-f", "lavfi", "-i", `sine=frequency=440:d=${seconds}`],
      ...["-vf", "geq=lum='min(235,16+floor(T/2)*15)':cb=128:cr=128,scale=320:180"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", "50", "-c:a", "aac"],
      ...["-metadata", "title=Dawn\nto dusk", "-metadata", "location=+52.52+013.40/"],
      ...["-movflags", "use_metadata_tags"],
    ]);
  const through = async (bytes: Uint8Array) => {
    const pipeline = createMemoryPipeline({
      prober: ({ sources }) => createFfprobeProber(sources),
      encoder: ({ readerOf }) => createFfmpegEncoder(readerOf),
      metadata: ({ readerOf }) => createFfprobeMetadataReader(readerOf),
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    const row = pipeline.store.row(videoId);
    const keys = mediaKeys(videoId, row.stored?.planHash ?? "");
    const object = (key: string) => pipeline.buckets.objects.get(key)?.bytes ?? new Uint8Array();
    return { pipeline, row, keys, sheet: object(keys.storyboardSheet(0)) };
  };

  it("has a storyboard that shows each moment where its text says, the same bytes each time", async () => {
    // Prepare
    const film = await source();

    // Act
    const { pipeline, row, keys, sheet } = await through(film);
    const again = await through(film);

    // Assess
    expect(row).toMatchObject({ state: { status: "ready" }, hasStoryboard: true });
    expect(again.sheet).toEqual(sheet);
    const text = pipeline.buckets.text(keys.storyboard);
    const sprites = [...text.matchAll(/#xywh=(\d+),(\d+),(\d+),(\d+)/g)];
    expect(sprites).toHaveLength(14);
    for (const [index, [, x, y, width, height]] of sprites.entries()) {
      expect(jpegSize(sheet)).toEqual({ width: 10 * Number(width), height: 2 * Number(height) });
      const [red = 0] = await color(sheet, `crop=${width}:${height}:${x}:${y}`);
      // Full range of RGB out of the limited one of video.
      expect(red).toBeGreaterThan(((index * 15) / 219) * 255 - 6);
      expect(red).toBeLessThan(((index * 15) / 219) * 255 + 6);
    }
  });

  it("is described without the place where it was made", async () => {
    const { row } = await through(await source());
    expect(row.metadata).toMatchObject({
      container: "mov,mp4,m4a,3gp,3g2,mj2",
      durationMs: seconds * 1_000,
      streams: [
        { kind: "video", codec: "h264", width: 320, height: 180, frameRate: 25, bitDepth: 8 },
        { kind: "audio", codec: "aac", channels: 1, sampleRate: 44_100 },
      ],
      tags: { title: "Dawn to dusk" },
    });
    expect(JSON.stringify(row.metadata)).not.toContain("52.52");
  });
});

describe("a film in the dark", () => {
  it("has a storyboard all the same", async () => {
    const bytes = await makeSource([...bars({ seconds: 3 }), "-vf", "drawbox=color=black:t=fill"]);
    const pipeline = createMemoryPipeline({
      prober: ({ sources }) => createFfprobeProber(sources),
      encoder: ({ readerOf }) => createFfmpegEncoder(readerOf),
      metadata: ({ readerOf }) => createFfprobeMetadataReader(readerOf),
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    expect(pipeline.store.row(videoId)).toMatchObject({ hasStoryboard: true, hasPoster: true });
  });
});
