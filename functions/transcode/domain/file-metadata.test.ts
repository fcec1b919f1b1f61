import { fileMetadataSchema } from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileMetadataOf } from "./file-metadata.ts";

const report = (parts: { format?: object; streams?: object[]; chapters?: object[] }) =>
  fileMetadataOf({
    streams: [],
    chapters: [],
    ...parts,
    format: { format_name: "mov", ...parts.format },
  });

describe("what a file says of itself", () => {
  it("is kept as people want to know it", () => {
    // Act
    const metadata = report({
      format: {
        ...{ format_name: "mov,mp4", duration: "62.500000", bit_rate: "4200000" },
        tags: {
          ...{ title: "Harbour", artist: "Somebody", creation_time: "2026-05-04T10:11:12.000000Z" },
          ...{ encoder: "Lavf60" },
        },
      },
      streams: [
        {
          ...{
            codec_type: "video",
            codec_name: "hevc",
            profile: "Main 10",
            width: 3840,
            height: 2160,
          },
          ...{ sample_aspect_ratio: "1:1", avg_frame_rate: "30000/1001", pix_fmt: "yuv420p10le" },
          ...{ color_primaries: "bt2020", color_transfer: "smpte2084", color_space: "bt2020nc" },
          ...{ color_range: "tv", bit_rate: "4000000" },
          side_data_list: [
            { side_data_type: "Mastering display metadata" },
            { side_data_type: "Display Matrix", rotation: -90 },
          ],
        },
        {
          ...{ codec_type: "audio", codec_name: "aac", profile: "LC", channels: 6 },
          ...{ channel_layout: "5.1", sample_rate: "48000", tags: { language: "ger" } },
        },
        { codec_type: "subtitle", codec_name: "mov_text", tags: { language: "eng" } },
      ],
      chapters: [{ start_time: "0.000000", end_time: "10.500000", tags: { title: "Arrival" } }],
    });

    // Assess
    expect(metadata).toEqual({
      container: "mov,mp4",
      durationMs: 62_500,
      bitrate: 4_200_000,
      streams: [
        {
          ...{ kind: "video", codec: "hevc", profile: "Main 10", width: 3840, height: 2160 },
          ...{ frameRate: 29.97, sampleAspectRatio: "1:1", rotation: 90 },
          ...{ pixelFormat: "yuv420p10le", bitDepth: 10, colorPrimaries: "bt2020" },
          ...{ colorTransfer: "smpte2084", colorSpace: "bt2020nc", colorRange: "tv" },
          ...{ highDynamicRange: "HDR10", bitrate: 4_000_000, isCover: false },
        },
        {
          ...{ kind: "audio", codec: "aac", profile: "LC", language: "ger" },
          ...{ channels: 6, channelLayout: "5.1", sampleRate: 48_000 },
        },
        { kind: "subtitle", codec: "mov_text", language: "eng" },
      ],
      chapters: [{ startMs: 0, endMs: 10_500, title: "Arrival" }],
      creationTime: "2026-05-04T10:11:12.000Z",
      tags: { title: "Harbour", artist: "Somebody", encoder: "Lavf60" },
    });
  });

  it("says neither where it was recorded nor by which device", () => {
    const metadata = report({
      format: {
        tags: {
          ...{ location: "+52.5200+013.4050/", "com.apple.quicktime.location.ISO6709": "+52.5" },
          ...{
            "com.apple.quicktime.make": "Maker",
            serial_number: "SN-12345",
            comment: "52.52, 13.40",
          },
          title: "Walk",
        },
      },
      streams: [
        { codec_type: "data", codec_name: "bin_data", tags: { handler_name: "GPS 52.52" } },
      ],
    });
    expect(JSON.stringify(metadata)).not.toMatch(/52|Maker|SN-|GPS/);
    expect(metadata).toMatchObject({ streams: [], tags: { title: "Walk" } });
  });

  it("is one line of text that can be shown, of a length that can be kept", () => {
    const hostile = `a\u0000b\nc\u202Ed\u2028e ${"😀".repeat(400)}`;
    const { tags } = report({ format: { tags: { title: hostile, artist: "\n\t ", date: 7 } } });
    expect(tags.title).toMatch(/^a b c d e 😀+$/u);
    expect(tags.title?.length).toBeLessThanOrEqual(300);
    expect(Object.keys(tags)).toEqual(["title"]);
  });

  it("leaves out what devices without a clock write", () => {
    for (const creation_time of ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "yesterday"])
      expect(report({ format: { tags: { creation_time } } }).creationTime).toBeUndefined();
  });

  it("fits the contract, whatever a file makes ffprobe say", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.double(),
      fc.integer(),
      fc.constant(null),
      fc.constant({}),
    );
    const members = (...names: string[]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
    const tags = fc.record(
      { tags: fc.oneof(value, members("title", "language", "TITLE")) },
      { requiredKeys: [] },
    );
    const stream = fc
      .tuple(
        members(
          ...["codec_name", "profile", "width", "height", "sample_aspect_ratio", "avg_frame_rate"],
          ...["pix_fmt", "bits_per_raw_sample", "color_transfer", "channels", "channel_layout"],
          ...["sample_rate", "bit_rate", "disposition", "side_data_list"],
        ),
        fc.record({ codec_type: fc.constantFrom("video", "audio", "subtitle", "data") }),
        tags,
      )
      .map((parts) => Object.assign({}, ...parts));
    const any = fc.record({
      format: fc
        .tuple(members("format_name", "duration", "bit_rate"), tags)
        .map((parts) => Object.assign({}, ...parts)),
      streams: fc.oneof(value, fc.array(stream, { maxLength: 5 })),
      chapters: fc.oneof(
        fc.array(
          fc
            .tuple(members("start_time", "end_time"), tags)
            .map((parts) => Object.assign({}, ...parts)),
        ),
        fc.constant([]),
      ),
    });
    fc.assert(
      fc.property(any, (said) => {
        const metadata = fileMetadataOf(said);
        expect(fileMetadataSchema.parse(JSON.parse(JSON.stringify(metadata)))).toEqual(metadata);
      }),
      { numRuns: 300 },
    );
  });
});
