import { Refusal } from "./failure.ts";

const startsWith = (bytes: Uint8Array, text: string, offset = 0) =>
  Array.from(text).every((character, index) => bytes[offset + index] === character.charCodeAt(0));

const signatures: readonly {
  readonly is: (bytes: Uint8Array) => boolean;
  readonly what: string;
}[] = [
  { is: (bytes) => startsWith(bytes, "#EXTM3U"), what: "is a playlist" },
  { is: (bytes) => startsWith(bytes, "%PDF-"), what: "is a PDF document" },
  { is: (bytes) => startsWith(bytes, "PK\u0003\u0004"), what: "is a ZIP archive" },
  { is: (bytes) => startsWith(bytes, "\u0089PNG"), what: "is a picture" },
  { is: (bytes) => startsWith(bytes, "\u00ff\u00d8\u00ff"), what: "is a picture" },
  {
    is: (bytes) => startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8),
    what: "is a picture",
  },
  { is: (bytes) => startsWith(bytes, "\u007fELF"), what: "is a program" },
  { is: (bytes) => startsWith(bytes, "MZ\u0090\u0000"), what: "is a program" },
  { is: isText, what: "holds plain text" },
];

function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  const isControl = (byte: number) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte);
  if (bytes.some((byte) => isControl(byte))) return false;
  try {
    // The sample may end inside a character; `stream` waits for the rest of it.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * Names what a person may upload by mistake, before ffprobe says "Invalid data".
 *
 * @param start the first kilobytes
 * @throws Refusal
 */
export const refuseWhatIsNoVideo = (start: Uint8Array): void => {
  const signature = signatures.find(({ is }) => is(start));
  // yuv4mpeg begins with a line of text.
  if (signature && !startsWith(start, "YUV4MPEG2"))
    throw new Refusal("not-a-video", `is not a video: it ${signature.what}.`);
};
