/**
 * The first string behind every string that begins with `prefix`, in the order of UTF-8 bytes.
 * `undefined` when there is none: the prefix is empty or all U+10FFFF.
 */
export function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // Surrogates are no characters: UTF-8 goes from U+D7FF to U+E000.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}

/** The first string behind `key`. */
export function afterKey(key: string): string {
  return `${key}\u0000`;
}

/**
 * Where a list goes on behind a marker. A marker that is a common prefix itself stands for all that
 * was folded into it.
 */
export function behindMarker(marker: string, prefix: string, delimiter: string): string {
  if (marker === "") return "";
  const isFolded =
    delimiter !== "" &&
    marker.startsWith(prefix) &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length;
  return isFolded ? (afterPrefix(marker) ?? afterKey(marker)) : afterKey(marker);
}

/** The later of two keys in the order of UTF-8 bytes, of those there are. */
export function laterKey(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareKeys(a, b) > 0 ? a : b;
}

/** Order of UTF-8 bytes, which differs from that of JavaScript's strings beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
