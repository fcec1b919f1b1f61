import {
  type FileMetadata,
  fileMetadataSchema,
  maxMetadataChapters,
  maxMetadataStreams,
  type metadataTags,
} from "@sluice/contracts";
import { z } from "zod";
import { parseRational, toNumber } from "./rational.ts";

/** What a hostile file can put into any field: then the field is as if it were not there. */
const words = z.string().optional().catch(undefined);
const number = z
  .union([z.number(), z.string().min(1)])
  .transform(Number)
  .optional()
  .catch(undefined);
const tags = z.record(z.string(), z.unknown()).catch({});
const sideData = z.looseObject({ side_data_type: words, rotation: number });

const streamSchema = z.looseObject({
  codec_type: words,
  codec_name: words,
  profile: words,
  width: number,
  height: number,
  sample_aspect_ratio: words,
  avg_frame_rate: words,
  r_frame_rate: words,
  pix_fmt: words,
  bits_per_raw_sample: number,
  bits_per_sample: number,
  color_primaries: words,
  color_transfer: words,
  color_space: words,
  color_range: words,
  channels: number,
  channel_layout: words,
  sample_rate: number,
  bit_rate: number,
  disposition: z.record(z.string(), z.unknown()).catch({}),
  tags,
  side_data_list: z.array(sideData).catch([]),
});
type Stream = z.infer<typeof streamSchema>;

const reportSchema = z.looseObject({
  format: z.looseObject({ format_name: words, duration: number, bit_rate: number, tags }),
  streams: z.array(streamSchema).catch([]),
  chapters: z.array(z.looseObject({ start_time: number, end_time: number, tags })).catch([]),
});

/** ffprobe answers tags verbatim: what cannot be shown in one line is dropped from them. */
const plain = (value: unknown, maxLength: number): string | undefined => {
  if (typeof value !== "string") return undefined;
  const visible = value
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  // Code points: half of a surrogate pair would be no character.
  return (
    Array.from(visible)
      .slice(0, maxLength / 2)
      .join("")
      .trim() || undefined
  );
};

/** A term of ffprobe's own, or nothing: `unknown` and `N/A` are what it writes for that. */
const term = (value: string | undefined): string | undefined => {
  const known = plain(value, 120);
  return known === undefined || ["unknown", "N/A", "reserved"].includes(known) ? undefined : known;
};

const whole = (value: number | undefined, least: number, most: number): number | undefined => {
  // No negative zero, which JSON does not have.
  const rounded = Math.round(value ?? Number.NaN) + 0;
  return rounded >= least && rounded <= most ? rounded : undefined;
};

const milliseconds = (seconds: number | undefined) =>
  whole((seconds ?? Number.NaN) * 1_000, 0, 1e12);
const bitrate = (value: number | undefined) => whole(value, 1, 1e12);

const tagged = (all: Readonly<Record<string, unknown>>, name: string): unknown =>
  all[name] ?? all[name.toUpperCase()];

/** Without the members that are not known, as strict schemas and JSON want it. */
const known = <T extends object>(members: T) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const ofAnyStream = (stream: Stream) => {
  const language = tagged(stream.tags, "language");
  return {
    codec: term(stream.codec_name) ?? "unknown",
    language:
      typeof language === "string" && /^[a-z]{2,3}$/.test(language) && language !== "und"
        ? language
        : undefined,
    title: plain(tagged(stream.tags, "title"), 200),
  };
};

/** `yuv420p10le`, `p010le`, `gray12be`; ffprobe states the depth of few codecs. */
const depthOf = ({ bits_per_raw_sample, bits_per_sample, pix_fmt }: Stream) =>
  whole(bits_per_raw_sample, 1, 64) ??
  whole(bits_per_sample, 1, 64) ??
  whole(Number(/(?:p0?|gray|gbrap?)(9|1[0246])(?:le|be)$/.exec(pix_fmt ?? "")?.[1]), 1, 64) ??
  (/^(yuvj?|nv|gray$|rgb|bgr|gbr|pal)/.test(pix_fmt ?? "") ? 8 : undefined);

const highDynamicRangeOf = ({ color_transfer, side_data_list }: Stream) => {
  const has = (name: string) =>
    side_data_list.some(({ side_data_type }) => side_data_type?.includes(name));
  if (has("DOVI")) return "Dolby Vision";
  if (color_transfer === "arib-std-b67") return "HLG";
  if (color_transfer !== "smpte2084") return undefined;
  return has("Mastering display") ? "HDR10" : "PQ";
};

/** The display matrix turns counter-clockwise, a player's setting clockwise. */
const rotationOf = ({ side_data_list, tags: all }: Stream) => {
  const matrix = side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation;
  const degrees = matrix === undefined ? Number(all.rotate ?? 0) : -matrix;
  const turned = ((Math.round(degrees) % 360) + 360) % 360;
  return turned > 0 ? turned : undefined;
};

const frameRateOf = ({ avg_frame_rate, r_frame_rate }: Stream) => {
  const rate = parseRational(avg_frame_rate) ?? parseRational(r_frame_rate);
  const rounded = rate && Math.round(toNumber(rate) * 1_000) / 1_000;
  return rounded !== undefined && rounded > 0 && rounded <= 10_000 ? rounded : undefined;
};

const streamOf = (stream: Stream): object | undefined => {
  const common = ofAnyStream(stream);
  const profile = term(stream.profile);
  if (stream.codec_type === "video") {
    const isCover = stream.disposition.attached_pic === 1;
    const aspect = stream.sample_aspect_ratio;
    return known({
      kind: "video",
      ...common,
      profile,
      width: whole(stream.width, 1, 100_000),
      height: whole(stream.height, 1, 100_000),
      // The demuxer's clock, of a picture that stands still.
      frameRate: isCover ? undefined : frameRateOf(stream),
      sampleAspectRatio: aspect && /^[1-9]\d{0,8}:[1-9]\d{0,8}$/.test(aspect) ? aspect : undefined,
      rotation: rotationOf(stream),
      pixelFormat: term(stream.pix_fmt),
      bitDepth: depthOf(stream),
      colorPrimaries: term(stream.color_primaries),
      colorTransfer: term(stream.color_transfer),
      colorSpace: term(stream.color_space),
      colorRange: term(stream.color_range),
      highDynamicRange: highDynamicRangeOf(stream),
      bitrate: bitrate(stream.bit_rate),
      isCover,
    });
  }
  if (stream.codec_type === "audio")
    return known({
      kind: "audio",
      ...common,
      profile,
      channels: whole(stream.channels, 1, 1_024),
      channelLayout: term(stream.channel_layout),
      sampleRate: whole(stream.sample_rate, 1, 10_000_000),
      bitDepth: whole(stream.bits_per_raw_sample, 1, 64) ?? whole(stream.bits_per_sample, 1, 64),
      bitrate: bitrate(stream.bit_rate),
    });
  // Data streams are left out: cameras write where they were into them.
  return stream.codec_type === "subtitle" ? { kind: "subtitle", ...known(common) } : undefined;
};

/** Names as ffmpeg gives them, whatever the container calls them. */
const tagNames: Readonly<Record<(typeof metadataTags)[number], string>> = {
  title: "title",
  artist: "artist",
  album: "album",
  albumArtist: "album_artist",
  composer: "composer",
  genre: "genre",
  date: "date",
  track: "track",
  copyright: "copyright",
  encoder: "encoder",
};

/** 1904 and 1970 are what devices without a clock write. */
const creationTimeOf = (all: Readonly<Record<string, unknown>>): string | undefined => {
  const value = plain(tagged(all, "creation_time"), 80);
  const moment = new Date(value !== undefined && /^\d{4}-\d\d-\d\dT/.test(value) ? value : "");
  const year = moment.getUTCFullYear();
  return year > 1970 && year < 10_000 ? moment.toISOString() : undefined;
};

const isStream = (value: object | undefined) =>
  value !== undefined && fileMetadataSchema.shape.streams.element.safeParse(value).success;

/**
 * What people want to know of a file, out of ffprobe's report: only fields and tags that are
 * listed, only text that can be shown. Where it was recorded, and by which device, stays out.
 *
 * @param report JSON of `-show_format -show_streams -show_chapters`
 * @throws ZodError when it is no report at all
 */
export const fileMetadataOf = (report: unknown): FileMetadata => {
  const { format, streams, chapters } = reportSchema.parse(report);
  const kept = Object.entries(tagNames).flatMap(([name, own]) => {
    const value = plain(tagged(format.tags, own), 300);
    return value === undefined ? [] : [[name, value]];
  });
  const marks = chapters.slice(0, maxMetadataChapters).map(({ start_time, end_time, tags: all }) =>
    known({
      startMs: milliseconds(start_time),
      endMs: milliseconds(end_time),
      title: plain(tagged(all, "title"), 200),
    }),
  );
  return fileMetadataSchema.parse(
    known({
      container: term(format.format_name) ?? "unknown",
      durationMs: milliseconds(format.duration),
      bitrate: bitrate(format.bit_rate),
      streams: streams.slice(0, maxMetadataStreams).map(streamOf).filter(isStream),
      chapters: marks.filter((mark) => "startMs" in mark && "endMs" in mark),
      creationTime: creationTimeOf(format.tags),
      tags: Object.fromEntries(kept),
    }),
  );
};
