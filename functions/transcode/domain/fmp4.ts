/**
 * Boxes of fragmented MP4 (ISO/IEC 14496-12), as far as ffmpeg writes them: read while they
 * arrive, and never trusted for a length that was not bounded before.
 */
export class MalformedMediaError extends Error {
  override readonly name = "MalformedMediaError";
}

const headerBytes = 8;
/** No fragment of ours comes near: 10 s at the highest rate of the ladder are 40 MB. */
const maxBoxBytes = 256 * 1024 * 1024;

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface Box {
  readonly type: string;
  readonly start: number;
  /** Of the payload. */
  readonly body: number;
  readonly end: number;
}

const typeAt = (bytes: Uint8Array, offset: number) =>
  String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));

/** The boxes between two offsets; a box that leaves them is an error. */
const boxesIn = (bytes: Uint8Array, from: number, to: number): Box[] => {
  const boxes: Box[] = [];
  for (let start = from; start < to; ) {
    const size = to - start >= headerBytes ? view(bytes).getUint32(start) : 0;
    if (size < headerBytes || start + size > to)
      throw new MalformedMediaError(`A box at byte ${start} is broken.`);
    boxes.push({ type: typeAt(bytes, start), start, body: start + headerBytes, end: start + size });
    start += size;
  }
  return boxes;
};

const child = (bytes: Uint8Array, parent: Box, type: string): Box => {
  const found = boxesIn(bytes, parent.body, parent.end).find((box) => box.type === type);
  if (!found) throw new MalformedMediaError(`The box ${parent.type} holds no ${type}.`);
  return found;
};

export interface Fragment {
  /** In ticks of the track's timescale. */
  readonly decodeTime: number;
  readonly sampleSizes: readonly number[];
}

const flag = {
  tfhdBaseDataOffset: 0x000001,
  tfhdSampleDescription: 0x000002,
  tfhdDefaultDuration: 0x000008,
  tfhdDefaultSize: 0x000010,
  trunDataOffset: 0x000001,
  trunFirstSampleFlags: 0x000004,
  trunSampleDuration: 0x000100,
  trunSampleSize: 0x000200,
  trunSampleFlags: 0x000400,
  trunCompositionOffset: 0x000800,
};

/** ISO/IEC 14496-12 8.8.7: the default sample size, when the fragment states one. */
const defaultSampleSize = (bytes: Uint8Array, tfhd: Box): number | undefined => {
  const data = view(bytes);
  const flags = data.getUint32(tfhd.body) & 0xffffff;
  if (!(flags & flag.tfhdDefaultSize)) return undefined;
  let at = tfhd.body + 8;
  if (flags & flag.tfhdBaseDataOffset) at += 8;
  if (flags & flag.tfhdSampleDescription) at += 4;
  if (flags & flag.tfhdDefaultDuration) at += 4;
  return data.getUint32(at);
};

/** ISO/IEC 14496-12 8.8.8. */
const trunSampleSizes = (bytes: Uint8Array, trun: Box, defaultSize: number | undefined) => {
  const data = view(bytes);
  const flags = data.getUint32(trun.body) & 0xffffff;
  const count = data.getUint32(trun.body + 4);
  let at = trun.body + 8;
  if (flags & flag.trunDataOffset) at += 4;
  if (flags & flag.trunFirstSampleFlags) at += 4;
  const present = (bit: number) => (flags & bit ? 4 : 0);
  const sizeOffset = present(flag.trunSampleDuration);
  const stride =
    sizeOffset +
    present(flag.trunSampleSize) +
    present(flag.trunSampleFlags) +
    present(flag.trunCompositionOffset);
  if (at + count * stride > trun.end || count > 1_000_000)
    throw new MalformedMediaError("A trun box claims more samples than it holds.");
  return Array.from({ length: count }, (_, index) => {
    if (flags & flag.trunSampleSize) return data.getUint32(at + index * stride + sizeOffset);
    if (defaultSize === undefined) throw new MalformedMediaError("A sample has no size.");
    return defaultSize;
  });
};

/**
 * Reads the `moof` box at the start of `bytes`, which may go on after it.
 *
 * @throws MalformedMediaError when there is none, or it is not whole
 */
export const readFragment = (bytes: Uint8Array): Fragment => {
  const size = bytes.length >= headerBytes ? view(bytes).getUint32(0) : 0;
  if (size < headerBytes || size > bytes.length || typeAt(bytes, 0) !== "moof")
    throw new MalformedMediaError("It does not start with a whole moof box.");
  const moof: Box = { type: "moof", start: 0, body: headerBytes, end: size };
  try {
    const traf = child(bytes, moof, "traf");
    const tfdt = child(bytes, traf, "tfdt");
    const data = view(bytes);
    const version = data.getUint8(tfdt.body);
    const decodeTime =
      version === 1 ? Number(data.getBigInt64(tfdt.body + 4)) : data.getUint32(tfdt.body + 4);
    const defaultSize = defaultSampleSize(bytes, child(bytes, traf, "tfhd"));
    const sampleSizes = boxesIn(bytes, traf.body, traf.end)
      .filter(({ type }) => type === "trun")
      .flatMap((trun) => trunSampleSizes(bytes, trun, defaultSize));
    return { decodeTime, sampleSizes };
  } catch (error) {
    if (error instanceof RangeError) throw new MalformedMediaError("A box is cut short.");
    throw error;
  }
};

/** What a stream of fragmented MP4 is made of: one `init`, then fragments. */
export type Piece =
  | { readonly kind: "init"; readonly bytes: Uint8Array }
  | { readonly kind: "fragment"; readonly bytes: Uint8Array; readonly fragment: Fragment };

/**
 * Cuts the stream into ftyp+moov and moof+mdat. A `mfra` at the end is dropped: its offsets are
 * wrong once the pieces are objects of their own.
 */
export async function* readPieces(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let init: Uint8Array[] = [];
  let moof: Uint8Array | undefined;
  for await (const box of readBoxes(stream)) {
    const type = typeAt(box, 0);
    if (type === "ftyp") init = [box];
    else if (type === "moov") yield { kind: "init", bytes: join([...init, box]) };
    else if (type === "moof") moof = box;
    else if (type === "mdat" && moof) {
      yield { kind: "fragment", bytes: join([moof, box]), fragment: readFragment(moof) };
      moof = undefined;
    }
  }
  if (moof) throw new MalformedMediaError("The stream ends between moof and mdat.");
}

async function* readBoxes(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let wanted = headerBytes;
  for await (const chunk of stream) {
    held.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= wanted) {
      const bytes = held.length === 1 && held[0] ? held[0] : join(held);
      const size = view(bytes).getUint32(0);
      if (size < headerBytes || size > maxBoxBytes)
        throw new MalformedMediaError(`A box of ${size} bytes is not one of ours.`);
      held = [bytes];
      wanted = size;
      if (heldBytes < size) break;
      yield bytes.subarray(0, size);
      held = [bytes.subarray(size)];
      heldBytes -= size;
      wanted = headerBytes;
    }
  }
  if (heldBytes > 0) throw new MalformedMediaError("The stream ends inside a box.");
}

export const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
};
