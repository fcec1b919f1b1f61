import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { describe, expect, it } from "vitest";
import { createFfmpegEncoder } from "./adapters/ffmpeg-encoder.ts";
import { createFfprobeMetadataReader } from "./adapters/ffprobe-metadata-reader.ts";
import { createFfprobeProber } from "./adapters/ffprobe-prober.ts";
import { join } from "./domain/fmp4.ts";
import { jpegSize } from "./domain/jpeg.ts";
import { mediaKeys, mediaPrefix } from "./domain/keys.ts";
import { decode } from "./testing/decoded.ts";
import { createMemoryPipeline } from "./testing/memory-pipeline.ts";
import { makeSource } from "./testing/synthetic-sources.ts";

const seconds = 21;
const tone = ["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=44100:d=${seconds}`];
const picture = (size: string) =>
  makeSource(["-f", "lavfi", "-i", `testsrc2=s=${size}`, "-frames:v", "1"], "c.png");

/** A song with this picture, which is not looked at, attached as its cover. */
const withCover = async (cover: Uint8Array, name: string, codec: string) => {
  const directory = await mkdtemp(path(tmpdir(), "sluice-cover-"));
  try {
    const file = path(directory, "cover.png");
    await writeFile(file, cover);
    return await makeSource(
      [
        ...[...tone, "-f", "png_pipe", "-i", file, "-map", "0", "-map", "1"],
        ...["-c:v", codec, "-disposition:v", "attached_pic"],
      ],
      name,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const through = async (bytes: Uint8Array, fileName: string) => {
  const pipeline = createMemoryPipeline({
    prober: ({ sources }) => createFfprobeProber(sources),
    encoder: ({ readerOf }) => createFfmpegEncoder(readerOf),
    metadata: ({ readerOf }) => createFfprobeMetadataReader(readerOf),
  });
  const videoId = pipeline.add(bytes, fileName);
  await pipeline.plan(videoId);
  await pipeline.drain();
  const row = pipeline.store.row(videoId);
  const { buckets } = pipeline;
  const keys = mediaKeys(videoId, row.stored?.planHash ?? "");
  const segments = buckets.keys(mediaPrefix(videoId)).filter((key) => key.endsWith(".m4s"));
  const object = (key: string) => buckets.objects.get(key)?.bytes ?? new Uint8Array();
  return { row, buckets, keys, object, movie: join([keys.init("audio"), ...segments].map(object)) };
};

describe("sound alone", () => {
  it.each([
    ["song.mp3", []],
    ["song.m4a", ["-c:a", "aac"]],
    ["song.flac", []],
    ["song.wav", []],
    ["song.ogg", ["-c:a", "libvorbis"]],
    ["song.opus", []],
    ["song.aac", ["-c:a", "aac"]],
    ["song.mka", ["-c:a", "ac3"]],
  ])("%s becomes a stream of sound, as long as it is", async (name, args) => {
    // Act
    const { row, buckets, keys, movie } = await through(
      await makeSource([...tone, ...args], name),
      name,
    );

    // Assess
    expect(row).toMatchObject({
      state: { status: "ready" },
      hasPoster: false,
      hasStoryboard: false,
    });
    expect(Math.abs((row.durationMs ?? 0) - seconds * 1_000)).toBeLessThan(150);
    const frames = await decode(movie, "a");
    expect(frames[0]?.pts).toBe(0);
    expect(frames).toHaveLength(row.stored?.plan.timeline.totalFrames ?? 0);
    expect(buckets.text(keys.master)).toContain('CODECS="mp4a.40.2"\naudio/index.m3u8');
    expect(buckets.text(keys.playlist("audio"))).toContain("#EXT-X-ENDLIST");
    expect(row.metadata?.streams).toMatchObject([{ kind: "audio", channels: 1 }]);
  });

  it.each([
    ["song.mp3", "png"],
    ["song.mp3", "mjpeg"],
    ["song.flac", "png"],
    ["song.m4a", "mjpeg"],
  ])("%s with a cover in %s has it for its poster", async (name, codec) => {
    const { row, object, keys } = await through(
      await withCover(await picture("1600x800"), name, codec),
      name,
    );
    expect(row).toMatchObject({ state: { status: "ready" }, hasPoster: true });
    expect(jpegSize(object(keys.poster))).toEqual({ width: 1_280, height: 640 });
  });

  it("plays without a poster when its cover is damaged", async () => {
    // Prepare: its header is whole, and nothing after that.
    const cover = await picture("640x640");
    const song = await withCover(cover, "song.mp3", "copy");
    const at = Buffer.from(song).indexOf("IDAT");
    song.fill(0x55, at + 4, at + 2_000);

    // Act
    const { row } = await through(song, "song.mp3");

    // Assess
    expect(row).toMatchObject({ state: { status: "ready" }, hasPoster: false });
  });

  it("is refused when it was cut off", async () => {
    const song = await makeSource(tone, "song.flac");
    const { row } = await through(song.subarray(0, song.length / 2), "song.flac");
    expect(row.failure?.message).toMatch(/^song\.flac is cut off: only the first \d+ s of 21 s/);
  });
});
