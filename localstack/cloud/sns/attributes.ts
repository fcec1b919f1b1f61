/** Attributes of a topic or a subscription as the API and the database hold them: names and texts. */
export type AttributeMap = Readonly<Record<string, string>>;

/** An attribute set to the empty text is removed. */
export function mergeAttributes(current: AttributeMap, changes: AttributeMap): AttributeMap {
  return Object.fromEntries(
    Object.entries({ ...current, ...changes }).filter(([, value]) => value !== ""),
  );
}

/** The text as JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
