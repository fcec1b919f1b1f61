import { createHash } from "node:crypto";
import { join, type Piece, readPieces } from "../domain/fmp4.ts";
import { mergeAudioFragments } from "../domain/fmp4-audio.ts";
import { audioTrack, chunkFrames, chunkSegments, type Plan } from "../domain/plan.ts";
import {
  frameTicks,
  samplesPerAacFrame,
  segmentFrames,
  totalAacFrames,
} from "../domain/timeline.ts";
import type { Encoder, EncoderRun, MetadataReader } from "../ports.ts";
import { fakeJpeg } from "./fake-jpeg.ts";

const box = (type: string, body: Uint8Array) => {
  const bytes = new Uint8Array(8 + body.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(body, 8);
  return bytes;
};

const text = (words: string) => new TextEncoder().encode(words);

/** A fragment of `count` samples, whose content tells what it is. */
export const fakeFragment = (decodeTime: number, count: number, content = ""): Uint8Array => {
  const seed = createHash("sha256").update(`${content}:${decodeTime}`).digest();
  const sizes = Array.from({ length: count }, (_, index) => 1 + ((seed[index % 32] ?? 0) % 8));
  const payload = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0)).fill(seed[0] ?? 0);
  const bytes = box("mdat", payload);
  return mergeAudioFragments([{ bytes, fragment: { decodeTime, sampleSizes: sizes } }], 1);
};

export const fakeInit = (track: string): Uint8Array =>
  join([box("ftyp", text("isom")), box("moov", text(track))]);

async function* inBits(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 777)
    yield bytes.subarray(offset, offset + 777);
}

export interface FakeEncoderOptions {
  /** Frames that the source really has. */
  readonly frames?: number;
  /** Called before each run; what it throws is the run's failure. */
  readonly fault?: (step: string) => void;
}

/** Writes boxes as ffmpeg does, with no picture in them. */
export const createFakeEncoder = (options: FakeEncoderOptions = {}): Encoder => {
  const run = (tracks: readonly [string, Uint8Array][]): EncoderRun => {
    options.fault?.("encode");
    return {
      outputs: tracks.map(([track, bytes]) => ({ track, stream: inBits(bytes) })),
      done: Promise.resolve(),
    };
  };
  const video = (plan: Plan, chunk: number, name: string): Uint8Array => {
    const { timeline } = plan;
    const { first, end } = chunkSegments(plan, chunk);
    const lastFrame = Math.min(
      options.frames ?? timeline.totalFrames,
      chunkFrames(plan, chunk).end,
    );
    const fragments: Uint8Array[] = [];
    for (let number = first; number < end; number += 1) {
      const frames = segmentFrames(timeline, number);
      const count = Math.min(frames.end, lastFrame) - frames.first;
      if (count > 0) fragments.push(fakeFragment(frameTicks(timeline, frames.first), count, name));
    }
    return join([fakeInit(name), ...fragments, box("mfra", text("index"))]);
  };
  return {
    encodeChunk: async (plan, chunk) =>
      run(plan.renditions.map(({ name }) => [name, video(plan, chunk, name)])),
    encodeAudio: async (plan) => {
      const frames = Array.from({ length: totalAacFrames(plan.timeline) + 2 }, (_, index) =>
        fakeFragment(index * samplesPerAacFrame, 1),
      );
      return run([[audioTrack, join([fakeInit(audioTrack), ...frames])]]);
    },
    makePoster: async () => {
      options.fault?.("poster");
      return fakeJpeg(1280, 720);
    },
    makeCover: async () => {
      options.fault?.("cover");
      return fakeJpeg(600, 600);
    },
    makeStoryboard: async ({ columns, rows, width, height, sheets }) => {
      options.fault?.("storyboard");
      return Array.from({ length: sheets }, (_, sheet) =>
        fakeJpeg(columns * width, rows * height, [sheet]),
      );
    },
  };
};

/** @param fault as the encoder's */
export const createFakeMetadataReader = (fault?: (step: string) => void): MetadataReader => ({
  async read({ bytes }) {
    fault?.("metadata");
    return {
      container: "fake",
      bitrate: bytes,
      streams: [],
      chapters: [],
      tags: { title: "Film" },
    };
  },
});

export const piecesOf = async (bytes: Uint8Array, chunkBytes: number): Promise<Piece[]> => {
  const pieces: Piece[] = [];
  async function* stream() {
    for (let offset = 0; offset < bytes.length; offset += chunkBytes)
      yield bytes.subarray(offset, offset + chunkBytes);
  }
  for await (const piece of readPieces(stream())) pieces.push(piece);
  return pieces;
};
