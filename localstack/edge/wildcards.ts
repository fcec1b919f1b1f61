/**
 * Whether `text` matches `pattern`, in which `*` stands for any characters and `?` for exactly one.
 * Time is bounded by the product of both lengths: a hostile pattern cannot make it explode.
 */
export function matchesWildcards(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const expected = pattern[p];
    if (expected === "*") {
      star = p;
      resume = t;
      p += 1;
    } else if (expected === "?" || (expected !== undefined && expected === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      resume += 1;
      p = star + 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}
