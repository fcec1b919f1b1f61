export type SubPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string };

/** Takes the text of an `Fn::Sub` apart. `${!Name}` stands for the text `${Name}`. */
export function parseSub(text: string): SubPart[] {
  const parts: SubPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{(!?)([^{}]*)\}/g)) {
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    const [whole, escaped, name = ""] = match;
    parts.push(
      escaped ? { kind: "text", text: `\${${name}}` } : { kind: "variable", name: name.trim() },
    );
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}
