import { type Fragment, join, MalformedMediaError, readPieces } from "./fmp4.ts";
import { mergeAudioFragments } from "./fmp4-audio.ts";
import { audioTrack } from "./plan.ts";
import {
  type Range,
  segmentAacFrames,
  segmentFrames,
  type Timeline,
  totalAacFrames,
} from "./timeline.ts";

export type Product =
  | { readonly kind: "init"; readonly track: string; readonly bytes: Uint8Array }
  | {
      readonly kind: "segment";
      readonly track: string;
      readonly number: number;
      readonly frames: number;
      readonly bytes: Uint8Array;
      /** Fewer frames than planned: the source ended within it. */
      readonly isShort: boolean;
    };

interface Held {
  readonly bytes: Uint8Array;
  readonly fragment: Fragment;
}

/**
 * Makes segments of what the encoder writes for one track. The last may be shorter than planned:
 * the source ended there.
 *
 * @param segments those that the task makes
 */
export async function* segmentsOf(
  timeline: Timeline,
  track: string,
  segments: Range,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Product> {
  const isAudio = track === audioTrack;
  const planned = (number: number) => {
    const range = isAudio ? segmentAacFrames(timeline, number) : segmentFrames(timeline, number);
    return range.end - range.first;
  };
  let number = segments.first;
  let held: Held[] = [];
  let frames = 0;

  const product = (): Product => ({
    kind: "segment",
    track,
    number,
    frames,
    isShort: frames < planned(number),
    bytes: isAudio
      ? mergeAudioFragments(held, number + 1)
      : withSequenceNumber(join(held.map(({ bytes }) => bytes)), number + 1),
  });

  for await (const piece of readPieces(stream)) {
    if (piece.kind === "init") {
      yield { kind: "init", track, bytes: piece.bytes };
      continue;
    }
    held.push(piece);
    frames += piece.fragment.sampleSizes.length;
    // The encoder ends sound with what it still held back: up to two frames beyond the end.
    if (isAudio && number >= segments.end) continue;
    if (frames > planned(number) || number >= segments.end)
      throw new MalformedMediaError(`The encoder did not cut ${track} where it was told to.`);
    if (frames < planned(number)) continue;
    yield product();
    number += 1;
    held = [];
    frames = 0;
  }
  if (frames > 0 && !(isAudio && number >= segments.end)) {
    if (isAudio)
      throw new MalformedMediaError(`There are fewer than ${totalAacFrames(timeline)} frames.`);
    yield product();
  }
}

/** ISO/IEC 14496-12 8.8.5: every run of the encoder counts from 1, the segments go on counting. */
const withSequenceNumber = (segment: Uint8Array, sequenceNumber: number): Uint8Array => {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const mfhd = 8;
  const isMfhd = view.getUint32(mfhd) === 16 && view.getUint32(mfhd + 4) === 0x6d666864;
  if (!isMfhd) throw new MalformedMediaError("A moof does not begin with its mfhd.");
  view.setUint32(mfhd + 12, sequenceNumber);
  return segment;
};
