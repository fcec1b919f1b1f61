import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createFfmpegEncoder } from "./adapters/ffmpeg-encoder.ts";
import { createFfprobeMetadataReader } from "./adapters/ffprobe-metadata-reader.ts";
import { createFfprobeProber } from "./adapters/ffprobe-prober.ts";
import { join } from "./domain/fmp4.ts";
import { mediaKeys, mediaPrefix } from "./domain/keys.ts";
import { trackNames } from "./domain/plan.ts";
import { segmentCount } from "./domain/timeline.ts";
import { decode } from "./testing/decoded.ts";
import { createMemoryPipeline } from "./testing/memory-pipeline.ts";
import { bars, execute, makeSource } from "./testing/synthetic-sources.ts";

/** The real ffmpeg on small synthetic films; everything around it in memory. */
const open = () =>
  createMemoryPipeline({
    prober: ({ sources }) => createFfprobeProber(sources),
    encoder: ({ readerOf }) => createFfmpegEncoder(readerOf),
    metadata: ({ readerOf }) => createFfprobeMetadataReader(readerOf),
  });

const through = async (bytes: Uint8Array, fileName = "film.mp4") => {
  const pipeline = open();
  const videoId = pipeline.add(bytes, fileName);
  await pipeline.plan(videoId);
  await pipeline.drain();
  const row = pipeline.store.row(videoId);
  const stored = row.stored;
  const keys = mediaKeys(videoId, stored?.planHash ?? "");
  const { buckets } = pipeline;
  /** Init segment and all segments of a track, as a player would append them. */
  const movie = (track: string) => {
    const segments = buckets
      .keys(mediaPrefix(videoId))
      .filter((key) => key.includes(`/${track}/`) && key.endsWith(".m4s"));
    const parts = [keys.init(track), ...segments].map((key) => buckets.objects.get(key)?.bytes);
    return join(parts.map((part) => part ?? new Uint8Array()));
  };
  return { pipeline, buckets, videoId, row, stored, keys, movie };
};

const withPlan = <T extends { readonly stored: unknown }>(made: T) => {
  if (!made.stored) throw new Error("There is no plan.");
  return made as T & { readonly stored: NonNullable<T["stored"]> };
};

describe("a film of several chunks", () => {
  it("has every frame once, sound in step, and plays from its master playlist", async () => {
    // Prepare
    const source = await makeSource(bars({ seconds: 20 }));

    // Act
    const { row, stored, movie, keys, buckets, videoId } = withPlan(await through(source));

    // Assess
    const { plan } = stored;
    expect(row.state.status).toBe("ready");
    expect(row.hasPoster).toBe(true);
    expect(plan.chunks.length).toBeGreaterThan(2);
    for (const { name } of plan.renditions) {
      const frames = await decode(movie(name), "v");
      expect(frames).toHaveLength(plan.timeline.totalFrames);
    }
    const samples = await decode(movie("audio"), "a");
    expect(samples[0]?.pts).toBe(0);
    const seconds = (samples.length * 1_024) / 48_000;
    expect(Math.abs(seconds - (row.durationMs ?? 0) / 1_000)).toBeLessThan(2 * (1_024 / 48_000));
    expect(buckets.text(keys.master)).toContain("AVERAGE-BANDWIDTH=");
    expect(buckets.text(keys.playlist("audio"))).toContain("#EXT-X-ENDLIST");

    const server = createServer((request, response) => {
      const object = buckets.objects.get(`${mediaPrefix(videoId)}${stored.planHash}${request.url}`);
      response.writeHead(object ? 200 : 404).end(object?.bytes);
    }).listen(0, "127.0.0.1");
    try {
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      const { stdout } = await execute("ffmpeg", [
        ...["-v", "error", "-nostdin", "-xerror", "-i", `http://127.0.0.1:${port}/master.m3u8`],
        ...["-map", "0:v:0", "-map", "0:a:0", "-f", "framecrc", "-"],
      ]);
      const pictures = stdout.split("\n").filter((line) => line.startsWith("0,"));
      expect(pictures).toHaveLength(plan.timeline.totalFrames);
    } finally {
      server.close();
    }
    expect(trackNames(plan)).toContain("audio");
    expect(segmentCount(plan.timeline)).toBe(6);
  });
});

describe("what is no film", () => {
  it.each([
    ["notes.mp4", new TextEncoder().encode("Dear diary, it rained.\n".repeat(99)), "not-a-video"],
    ["noise.mp4", new Uint8Array(randomBytes(200_000)), "not-a-video"],
    [
      "film.mp4",
      new TextEncoder().encode("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n"),
      "not-a-video",
    ],
  ])("%s fails with a sentence, and nothing of it stays", async (name, bytes, code) => {
    const { row, buckets } = await through(bytes, name);
    expect(row.state.status).toBe("failed");
    expect(row.failure?.code).toBe(code);
    expect(row.failure?.message).toMatch(new RegExp(`^${name} is not a video`));
    expect([...buckets.objects.keys()]).toEqual([]);
  });
});
