import { z } from "zod";
import { Refusal } from "./failure.ts";
import { chooseFrameRate } from "./frame-rate.ts";
import { parseRational, toNumber } from "./rational.ts";
import type { Picture, Source } from "./source.ts";

const seconds = z.coerce.number().optional().catch(undefined);

/** Of ffprobe's many fields those that are used; it adds others with each release. */
const streamSchema = z.object({
  index: z.int(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  sample_aspect_ratio: z.string().optional(),
  field_order: z.string().optional(),
  color_transfer: z.string().optional(),
  r_frame_rate: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  start_time: seconds,
  duration: seconds,
  sample_rate: z.coerce.number().optional(),
  channels: z.int().optional(),
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z
    .array(z.object({ rotation: z.number().optional().catch(undefined) }))
    .default([]),
});
type Stream = z.infer<typeof streamSchema>;

export const probeReportSchema = z.object({
  streams: z.array(streamSchema).max(1_000).default([]),
  format: z.object({
    format_name: z.string(),
    start_time: seconds,
    duration: seconds,
  }),
});
export type ProbeReport = z.infer<typeof probeReportSchema>;

const maxStreams = 64;

/** ffmpeg's Matroska demuxer keeps a stream's length in a tag: `00:01:02.040000000`. */
const taggedDuration = ({ tags }: Stream): number | undefined => {
  const match = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(tags.DURATION ?? "");
  return match ? Number(match[1]) * 3_600 + Number(match[2]) * 60 + Number(match[3]) : undefined;
};

const preferred = (streams: readonly Stream[]) =>
  streams.find(({ disposition }) => disposition.default === 1) ?? streams[0];

/** The streams that will be played, and what the container claims about time. */
export interface Selection {
  readonly format: string;
  /** Time stamp of the file's beginning. */
  readonly startSeconds: number;
  /** Of the whole file, as claimed, if it is. */
  readonly claimedSeconds: number | undefined;
  readonly video: Stream | undefined;
  readonly audio: Stream | undefined;
  /** The stream whose end is the end: the picture, or the sound where there is none. */
  readonly leading: Stream;
  readonly claimedLeadingSeconds: number | undefined;
  /** A picture that goes with sound alone. */
  readonly cover: Stream | undefined;
}

/** Attached pictures come in others too, which are rare; who decodes them reads these two. */
const coverCodecs = ["mjpeg", "png"];

/** @throws Refusal when nothing in it can be shown */
export const selectStreams = (report: ProbeReport): Selection => {
  if (report.streams.length > maxStreams)
    throw new Refusal(
      "implausible",
      `holds ${report.streams.length} streams; at most ${maxStreams} are read.`,
    );
  const isCover = ({ disposition }: Stream) => disposition.attached_pic === 1;
  const pictures = report.streams.filter(
    (stream) => stream.codec_type === "video" && !isCover(stream),
  );
  const sounds = report.streams.filter(
    ({ codec_type, sample_rate = 0, channels = 0 }) =>
      codec_type === "audio" && sample_rate > 0 && channels > 0,
  );
  const video = preferred(pictures.filter(({ width = 0, height = 0 }) => width > 0 && height > 0));
  if (!video && pictures.length > 0)
    throw new Refusal("no-picture", "holds no moving picture that can be decoded.");
  const audio = preferred(sounds);
  const leading = video ?? audio;
  if (!leading)
    throw new Refusal("no-picture", "holds neither a moving picture nor sound that can be played.");
  return {
    format: report.format.format_name,
    startSeconds: report.format.start_time ?? 0,
    claimedSeconds: report.format.duration,
    video,
    audio,
    leading,
    claimedLeadingSeconds: leading.duration ?? taggedDuration(leading),
    cover: video
      ? undefined
      : report.streams.find(
          (stream) => isCover(stream) && coverCodecs.includes(stream.codec_name ?? ""),
        ),
  };
};

/** What reading packets here and there showed. Seconds are time stamps, as in the file. */
export interface Sampling {
  readonly firstVideoSeconds: number | undefined;
  /** Of the leading stream. */
  readonly endSeconds: number | undefined;
  readonly audioEndSeconds: number | undefined;
  readonly keyframeSeconds: number;
}

const rotationOf = ({ side_data_list, tags }: Stream): number =>
  side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ??
  Number(tags.rotate ?? 0);

/** As it is shown: pixels made square by widening or heightening, then turned. */
const shownSize = (stream: Stream) => {
  const aspect = parseRational(stream.sample_aspect_ratio) ?? { num: 1, den: 1 };
  const ratio = toNumber(aspect);
  const plausible = ratio > 0.1 && ratio < 10 ? ratio : 1;
  const width = Math.max(1, Math.round((stream.width ?? 0) * Math.max(1, plausible)));
  const height = Math.max(1, Math.round((stream.height ?? 0) * Math.max(1, 1 / plausible)));
  const turned = Math.abs(Math.round(rotationOf(stream) / 90)) % 2 === 1;
  return turned ? { width: height, height: width } : { width, height };
};

/** ISO 639-1 or -2; tags come from the file verbatim, so nothing else may reach a playlist. */
const languageOf = ({ tags }: Stream): string | undefined => {
  const language = tags.language;
  return language && /^[a-z]{2,3}$/.test(language) && language !== "und" ? language : undefined;
};

const micro = (value: number) => Math.round(value * 1_000_000) / 1_000_000;

/** @throws Refusal when nothing of what leads was found */
export const sourceOf = (selection: Selection, sampling: Sampling, bytes: number): Source => {
  const { video, audio, cover, startSeconds } = selection;
  const end = sampling.endSeconds ?? Number.NaN;
  if (!(end > startSeconds))
    throw new Refusal(
      "undecodable",
      `is damaged: no ${video ? "picture" : "sound"} in it can be read.`,
    );
  const language = audio && languageOf(audio);
  const audioEnd = video ? sampling.audioEndSeconds : end;
  return {
    bytes,
    format: selection.format,
    ...(video && { video: pictureOf(video, sampling, startSeconds) }),
    ...(audio && {
      audio: {
        streamIndex: audio.index,
        ...(language ? { language } : {}),
        ...(audioEnd !== undefined && audioEnd > startSeconds
          ? { endSeconds: micro(audioEnd - startSeconds) }
          : {}),
      },
    }),
    ...(cover && { cover: { streamIndex: cover.index } }),
  };
};

const pictureOf = (video: Stream, sampling: Sampling, startSeconds: number): Picture => ({
  streamIndex: video.index,
  codec: video.codec_name ?? "unknown",
  ...shownSize(video),
  rate: chooseFrameRate(parseRational(video.r_frame_rate), parseRational(video.avg_frame_rate)),
  interlaced: ["tt", "bb", "tb", "bt"].includes(video.field_order ?? ""),
  highDynamicRange: ["smpte2084", "arib-std-b67"].includes(video.color_transfer ?? ""),
  firstFrameSeconds: micro(
    Math.max(0, (sampling.firstVideoSeconds ?? startSeconds) - startSeconds),
  ),
  endSeconds: micro((sampling.endSeconds ?? startSeconds) - startSeconds),
  keyframeSeconds: micro(sampling.keyframeSeconds),
});
