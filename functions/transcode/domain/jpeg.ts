/** JPEG (ITU-T T.81) as far as its markers go: enough to tell pictures apart and how large they are. */
const marker = { startOfImage: 0xd8, endOfImage: 0xd9, startOfScan: 0xda };

/** SOF0 to SOF15, without DHT, JPG and DAC, which stand among them (table B.1). */
const isStartOfFrame = (code: number) =>
  code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);

/** Where the entropy-coded data ends: at a marker that is neither a stuffed byte nor a restart. */
const endOfScan = (bytes: Uint8Array, from: number): number => {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    const code = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7))
      return at;
  }
  return bytes.length;
};

/** The picture that begins at `start`. Members are missing when the bytes end before they are read. */
const readPicture = (bytes: Uint8Array, start: number) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { readonly width: number; readonly height: number } | undefined;
  let at = start + 2;
  if (bytes[start] !== 0xff || bytes[start + 1] !== marker.startOfImage) return {};
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const code = bytes[at + 1] ?? 0;
    const body = at + 4;
    const length = view.getUint16(at + 2);
    if (isStartOfFrame(code) && body + 5 <= bytes.length)
      size = { height: view.getUint16(body + 1), width: view.getUint16(body + 3) };
    at += 2 + length;
    if (code !== marker.startOfScan) continue;
    at = endOfScan(bytes, at);
    if (bytes[at + 1] === marker.endOfImage) return { size, end: at + 2 };
  }
  return { size };
};

/** Pixels of the JPEG that begins here; undefined when it is none, or its size comes later. */
export const jpegSize = (start: Uint8Array) => readPicture(start, 0).size;

/** The JPEGs of a stream that holds them one after another; what follows the last whole one is dropped. */
export const splitJpegs = (bytes: Uint8Array): Uint8Array[] => {
  const pictures: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const { end } = readPicture(bytes, start);
    if (end === undefined) break;
    pictures.push(bytes.subarray(start, end));
    start = end;
  }
  return pictures;
};
