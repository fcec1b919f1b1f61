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
