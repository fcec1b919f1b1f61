import { z } from "zod";

/** Text out of a stranger's file: no control, format or unassigned character, no line break. */
const text = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, "Only printable text is allowed.");
/** A name of the decoder's own vocabulary, for example `h264`, `yuv420p10le`, `bt2020nc`. */
const term = text(60);
const milliseconds = z.int().min(0).max(1e12);
const bitrate = z.int().min(1).max(1e12);
const bitDepth = z.int().min(1).max(64);

const ofAnyStream = {
  codec: term,
  /** ISO 639, for example `de` or `ger`. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/)
    .optional(),
  title: text(200).optional(),
};

export const highDynamicRanges = ["HDR10", "PQ", "HLG", "Dolby Vision"] as const;

export const videoStreamMetadataSchema = z.strictObject({
  kind: z.literal("video"),
  ...ofAnyStream,
  profile: term.optional(),
  /** As stored: not rotated, pixels not made square. */
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
  /** Frames a second, on average. */
  frameRate: z.number().positive().max(10_000).optional(),
  /** Width to height of one pixel, for example `64:45`. */
  sampleAspectRatio: z
    .string()
    .regex(/^\d{1,9}:\d{1,9}$/)
    .optional(),
  /** Degrees, clockwise, by which a player turns the picture. */
  rotation: z.int().min(0).max(359).optional(),
  pixelFormat: term.optional(),
  bitDepth: bitDepth.optional(),
  colorPrimaries: term.optional(),
  colorTransfer: term.optional(),
  colorSpace: term.optional(),
  colorRange: term.optional(),
  highDynamicRange: z.enum(highDynamicRanges).optional(),
  bitrate: bitrate.optional(),
  /** A picture beside the film or song, not a moving one. */
  isCover: z.boolean(),
});

export const audioStreamMetadataSchema = z.strictObject({
  kind: z.literal("audio"),
  ...ofAnyStream,
  profile: term.optional(),
  channels: z.int().min(1).max(1_024),
  channelLayout: term.optional(),
  /** Hertz. */
  sampleRate: z.int().min(1).max(10_000_000),
  bitDepth: bitDepth.optional(),
  bitrate: bitrate.optional(),
});

export const subtitleStreamMetadataSchema = z.strictObject({
  kind: z.literal("subtitle"),
  ...ofAnyStream,
});

export const maxMetadataStreams = 64;
export const maxMetadataChapters = 200;

/** Tags that are kept. Where and by which device a file was made is not among them. */
export const metadataTags = [
  "title",
  "artist",
  "album",
  "albumArtist",
  "composer",
  "genre",
  "date",
  "track",
  "copyright",
  "encoder",
] as const;

/** What a file says of itself: nothing here decides how it is transcoded. */
export const fileMetadataSchema = z.strictObject({
  /** ffmpeg's demuxer, for example `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: term,
  durationMs: milliseconds.optional(),
  /** Bits a second of everything in it. */
  bitrate: bitrate.optional(),
  streams: z
    .array(
      z.discriminatedUnion("kind", [
        videoStreamMetadataSchema,
        audioStreamMetadataSchema,
        subtitleStreamMetadataSchema,
      ]),
    )
    .max(maxMetadataStreams),
  chapters: z
    .array(
      z.strictObject({ startMs: milliseconds, endMs: milliseconds, title: text(200).optional() }),
    )
    .max(maxMetadataChapters),
  /** When it was recorded or written. */
  creationTime: z.iso.datetime().optional(),
  tags: z.partialRecord(z.enum(metadataTags), text(300)),
});
export type FileMetadata = z.infer<typeof fileMetadataSchema>;
