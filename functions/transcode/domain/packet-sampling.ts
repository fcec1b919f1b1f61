import { Refusal, spokenSeconds } from "./failure.ts";
import type { Sampling, Selection } from "./probe-report.ts";

/** One line of ffprobe about a packet. */
export interface Packet {
  readonly streamIndex: number;
  readonly seconds: number;
  readonly duration: number;
  readonly isKey: boolean;
}

/** Codecs of single pictures: each is a keyframe, and large. */
const intraOnly = ["prores", "dnxhd", "mjpeg", "rawvideo", "ffv1", "huffyuv", "utvideo", "v210"];
/** Containers of sound that find a place by an index, or by arithmetic. */
const hasIndex = /^(mov|matroska|wav|w64|aiff|caf|flac|ogg)/;
/** Of each place that is looked at. */
const maxWindowBytes = 8 * 1024 * 1024;
const windowSeconds = 12;
const tailSeconds = 5;
/** Of what the container claims, below which the file must have been cut off. */
const tolerance = { seconds: 2, share: 0.02 };

/** Where to read packets: the beginning and the middle for keyframes, and the end. */
export const samplingIntervals = (selection: Selection, bytes: number): string[] | undefined => {
  const { claimedSeconds, startSeconds, video, format } = selection;
  // Their length, and any place in them, is a guess from the bit rate.
  if (!video && !hasIndex.test(format)) return undefined;
  if (!claimedSeconds || claimedSeconds <= 0) return undefined;
  const bytesPerSecond = bytes / claimedSeconds;
  const window = Math.min(windowSeconds, Math.max(0.5, maxWindowBytes / bytesPerSecond));
  const at = (seconds: number) => (startSeconds + seconds).toFixed(3);
  const tail = `${at(Math.max(0, claimedSeconds - tailSeconds))}%`;
  if (claimedSeconds <= 2 * window + tailSeconds) return [`${at(0)}%`];
  if (!video || intraOnly.includes(video.codec_name ?? "")) return [`${at(0)}%+0.5`, tail];
  return [`${at(0)}%+${window}`, `${at(claimedSeconds / 2)}%+${window}`, tail];
};

const longestKeyframeDistance = (video: readonly Packet[]): number => {
  let longest = 0;
  let last: number | undefined;
  let previous: number | undefined;
  for (const { seconds, isKey } of video) {
    // Another place of the file begins: what lies between was not looked at.
    if (previous !== undefined && Math.abs(seconds - previous) > 1.5) last = undefined;
    if (isKey) {
      if (last !== undefined) longest = Math.max(longest, seconds - last);
      last = seconds;
    } else if (last !== undefined) longest = Math.max(longest, seconds - last);
    previous = seconds;
  }
  return longest;
};

const endOf = (packets: readonly Packet[]): number | undefined =>
  packets.length === 0
    ? undefined
    : packets.reduce((end, { seconds, duration }) => Math.max(end, seconds + duration), -Infinity);

/** @returns undefined when the end was not seen, so that the file must be read whole */
export const samplingOf = (
  selection: Selection,
  packets: readonly Packet[],
  isWhole: boolean,
): Sampling | undefined => {
  const { video, audio, leading, startSeconds, claimedSeconds, claimedLeadingSeconds } = selection;
  const pictures = packets.filter(({ streamIndex }) => streamIndex === video?.index);
  const sounds = packets.filter(({ streamIndex }) => streamIndex === audio?.index);
  const seenEnd = endOf(packets.filter(({ streamIndex }) => streamIndex === leading.index));
  const claimedEnd =
    claimedLeadingSeconds === undefined ? undefined : startSeconds + claimedLeadingSeconds;
  const anyEnd = endOf(packets) ?? startSeconds;
  const claimed = claimedSeconds ?? 0;
  const missing = startSeconds + claimed - anyEnd;
  const isCutOff = missing > Math.max(tolerance.seconds, tolerance.share * claimed);
  if (!isWhole && isCutOff) return undefined;
  if (isCutOff)
    throw new Refusal(
      "cut-off",
      `is cut off: only the first ${spokenSeconds(anyEnd - startSeconds)} of ${spokenSeconds(claimed)} are in it. Upload the whole file again.`,
    );
  // Sound that outlasts the picture leaves no picture in the tail.
  const sawTail = seenEnd !== undefined && seenEnd > startSeconds + claimed - tailSeconds;
  if (!isWhole && !sawTail && claimedEnd === undefined) return undefined;
  const claimedAudio = audio?.duration === undefined ? undefined : startSeconds + audio.duration;
  const first = pictures.reduce((least, { seconds }) => Math.min(least, seconds), Infinity);
  return {
    firstVideoSeconds: Number.isFinite(first) ? first : undefined,
    endSeconds: isWhole || sawTail ? seenEnd : claimedEnd,
    audioEndSeconds: endOf(sounds) ?? claimedAudio,
    keyframeSeconds: longestKeyframeDistance(pictures),
  };
};
