import { type Fragment, join, MalformedMediaError } from "./fmp4.ts";
import { samplesPerAacFrame } from "./timeline.ts";

/**
 * ffmpeg writes one fragment an AAC frame, since only we know where the video is cut. Their frames
 * are put together here as one fragment: 100 bytes a frame less, and one moof a segment.
 */
export const mergeAudioFragments = (
  fragments: readonly { readonly bytes: Uint8Array; readonly fragment: Fragment }[],
  sequenceNumber: number,
): Uint8Array => {
  const first = fragments[0]?.fragment;
  if (!first) throw new MalformedMediaError("A segment of sound has no frame.");
  const sizes = fragments.flatMap(({ fragment }) => fragment.sampleSizes);
  const payloads = fragments.map(({ bytes, fragment }) => {
    const size = fragment.sampleSizes.reduce((sum, each) => sum + each, 0);
    return bytes.subarray(bytes.length - size);
  });
  const moof = moofOf(sequenceNumber, first.decodeTime, sizes);
  const mdat = box("mdat", ...payloads);
  return join([moof, mdat]);
};

const uint32 = (...values: number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, index) => {
    new DataView(bytes.buffer).setUint32(index * 4, value);
  });
  return bytes;
};

const box = (type: string, ...parts: Uint8Array[]): Uint8Array => {
  const body = join(parts);
  return join([uint32(body.length + 8), new TextEncoder().encode(type), body]);
};

const trackId = 1;
/** ISO/IEC 14496-12 8.8.3.1: the sample depends on no other and is a sync sample. */
const syncSample = 0x02000000;

const moofOf = (sequenceNumber: number, decodeTime: number, sizes: readonly number[]) => {
  const build = (dataOffset: number) =>
    box(
      "moof",
      box("mfhd", uint32(0, sequenceNumber)),
      box(
        "traf",
        // default-base-is-moof, default duration, default flags (8.8.7)
        box("tfhd", uint32(0x020028, trackId, samplesPerAacFrame, syncSample)),
        box("tfdt", uint32(0x01000000, Math.floor(decodeTime / 2 ** 32), decodeTime >>> 0)),
        // data offset, sample sizes (8.8.8)
        box("trun", uint32(0x000201, sizes.length, dataOffset, ...sizes)),
      ),
    );
  return build(build(0).length + 8);
};
