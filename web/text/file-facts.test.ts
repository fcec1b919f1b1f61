import type { FileMetadata, Video } from "@sluice/contracts";
import { expect, test } from "vitest";
import { factsOf } from "./file-facts.ts";

const video: Video = {
  ...{ videoId: "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11", title: "Film", fileName: "film.mkv" },
  ...{ status: "ready", dispatch: "pull", size: 1_400_000_000, createdAt: "2026-01-01T00:00:00Z" },
  ...{ playable: true, playableMs: 1, renditions: [] },
};
const metadata: FileMetadata = {
  ...{ container: "matroska,webm", durationMs: 65_000, bitrate: 4_200_000 },
  streams: [
    {
      ...{ kind: "video", codec: "hevc", profile: "Main 10", width: 3840, height: 2160 },
      ...{ frameRate: 29.97, sampleAspectRatio: "1:1", pixelFormat: "yuv420p10le", bitDepth: 10 },
      ...{ highDynamicRange: "HDR10", isCover: false },
    },
    { kind: "audio", codec: "opus", channels: 2, channelLayout: "stereo", sampleRate: 48_000 },
    {
      ...{ kind: "audio", codec: "flac", channels: 6, sampleRate: 44_100, bitDepth: 24 },
      ...{ language: "de", bitrate: 900_000 },
    },
    { kind: "subtitle", codec: "subrip", language: "fr", title: "Signs" },
  ],
  chapters: [{ startMs: 0, endMs: 30_000 }],
  tags: { title: "Harbour", albumArtist: "Somebody" },
};
const shown = (known: FileMetadata | undefined, of: Video = video) =>
  Object.fromEntries(
    factsOf(of, known).map(({ title, facts }) => [
      title,
      Object.fromEntries(facts.map(({ name, value }) => [name, value])),
    ]),
  );

test("a file is described in words, stream by stream, without what is not known", () => {
  expect(shown(metadata)).toEqual({
    File: {
      ...{ Name: "film.mkv", Bytes: "1.4 GB", Container: "matroska,webm", Length: "1:05" },
      ...{ "Bit rate": "4.2 Mbit/s", Title: "Harbour", "Album artist": "Somebody" },
    },
    Picture: {
      ...{ Codec: "hevc, Main 10", Size: "3840 × 2160", "Frame rate": "29.97 a second" },
      ...{ Pixels: "yuv420p10le, 10 bit", "Dynamic range": "HDR10" },
    },
    "Sound 1": { Codec: "opus", Channels: "stereo", "Sample rate": "48 kHz" },
    "Sound 2": {
      ...{ Codec: "flac", Channels: "6", "Sample rate": "44.1 kHz, 24 bit" },
      ...{ "Bit rate": "900 kbit/s", Language: "German" },
    },
    Subtitles: { Codec: "subrip", Title: "Signs", Language: "French" },
    Chapters: { "0:00": "Chapter 1" },
  });
});

test("before it was read, only its name and size are told", () => {
  const { size: _, ...unsized } = video;
  expect(shown(undefined)).toEqual({ File: { Name: "film.mkv", Bytes: "1.4 GB" } });
  expect(shown(undefined, unsized)).toEqual({ File: { Name: "film.mkv" } });
});
