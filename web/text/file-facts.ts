import type { FileMetadata, Video } from "@sluice/contracts";
import { formatBytes, formatDuration } from "./format.ts";

interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

type Stream = FileMetadata["streams"][number];
type Optional = readonly [name: string, value: string | undefined];

/** Nothing for what is not known. */
const ifKnown = <T>(value: T | undefined, format: (value: T) => string) =>
  value === undefined ? undefined : format(value);

const known = (facts: readonly Optional[]): Fact[] =>
  facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));

const joined = (...parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined).join(", ") || undefined;

/** `4.2 Mbit/s`. */
const bitrateOf = (bits: number | undefined) => {
  if (bits === undefined) return undefined;
  return bits >= 999_500
    ? `${(bits / 1_000_000).toFixed(1)} Mbit/s`
    : `${Math.max(1, Math.round(bits / 1_000))} kbit/s`;
};

const formatMoment = (iso: string) =>
  new Date(iso).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

const languageNames = new Intl.DisplayNames("en", { type: "language", fallback: "code" });

const languageOf = ({ language }: Stream) => {
  if (language === undefined) return undefined;
  const name = languageNames.of(language);
  return name === language ? language.toUpperCase() : name;
};

const factsOfStream = (stream: Stream): Fact[] => {
  const common: readonly Optional[] = [
    ["Title", stream.title],
    ["Language", languageOf(stream)],
  ];
  if (stream.kind === "subtitle") return known([["Codec", stream.codec], ...common]);
  const codec: Optional = ["Codec", joined(stream.codec, stream.profile)];
  const rate: Optional = ["Bit rate", bitrateOf(stream.bitrate)];
  const depth = ifKnown(stream.bitDepth, (bits) => `${bits} bit`);
  if (stream.kind === "audio") {
    const channels = stream.channelLayout ?? String(stream.channels);
    const sampleRate = `${(stream.sampleRate / 1_000).toFixed(1).replace(/\.0$/, "")} kHz`;
    return known([
      codec,
      ["Channels", channels],
      ["Sample rate", joined(sampleRate, depth)],
      rate,
      ...common,
    ]);
  }
  const isSquare = stream.sampleAspectRatio === undefined || stream.sampleAspectRatio === "1:1";
  return known([
    codec,
    ["Size", `${stream.width} × ${stream.height}`],
    ["Frame rate", ifKnown(stream.frameRate, (rate) => `${rate} a second`)],
    ["Pixel shape", isSquare ? undefined : stream.sampleAspectRatio],
    ["Turned by", ifKnown(stream.rotation, (degrees) => `${degrees}°`)],
    ["Pixels", joined(stream.pixelFormat, depth)],
    ["Color", joined(stream.colorPrimaries, stream.colorTransfer, stream.colorSpace)],
    ["Dynamic range", stream.highDynamicRange],
    rate,
    ...common,
  ]);
};

const titleOf = (stream: Stream): string => {
  if (stream.kind === "video") return stream.isCover ? "Cover" : "Picture";
  return stream.kind === "audio" ? "Sound" : "Subtitles";
};

const tagNames: Readonly<Record<string, string>> = {
  title: "Title",
  artist: "Artist",
  album: "Album",
  albumArtist: "Album artist",
  composer: "Composer",
  genre: "Genre",
  date: "Date",
  track: "Track",
  copyright: "Copyright",
  encoder: "Written by",
};

/** Groups in the order of reading; of several streams of one kind each has its number. */
export function factsOf(video: Video, metadata: FileMetadata | undefined): FactGroup[] {
  const streams = metadata?.streams ?? [];
  const counts = new Map<string, number>();
  const titled = streams.map((stream) => {
    const title = titleOf(stream);
    const number = (counts.get(title) ?? 0) + 1;
    counts.set(title, number);
    return { stream, title, number };
  });
  const file = known([
    ["Name", video.fileName],
    ["Bytes", ifKnown(video.size, formatBytes)],
    ["Container", metadata?.container],
    ["Length", ifKnown(metadata?.durationMs, formatDuration)],
    ["Bit rate", bitrateOf(metadata?.bitrate)],
    ["Recorded", ifKnown(metadata?.creationTime, formatMoment)],
    ...Object.entries(metadata?.tags ?? {}).map(
      ([name, value]): Optional => [tagNames[name] ?? name, value],
    ),
  ]);
  const chapters = (metadata?.chapters ?? []).map(({ startMs, title }, index) => ({
    name: formatDuration(startMs),
    value: title ?? `Chapter ${index + 1}`,
  }));
  return [
    { title: "File", facts: file },
    ...titled.map(({ stream, title, number }) => ({
      title: (counts.get(title) ?? 0) > 1 ? `${title} ${number}` : title,
      facts: factsOfStream(stream),
    })),
    ...(chapters.length > 0 ? [{ title: "Chapters", facts: chapters }] : []),
  ];
}
