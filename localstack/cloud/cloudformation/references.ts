import { parseSub } from "./sub.ts";
import type { Value } from "./template.ts";

/**
 * The names that a value refers to, resources and parameters alike, by `Ref`, `Fn::GetAtt` and
 * `Fn::Sub`. Both branches of an `Fn::If` count, as they do at AWS.
 */
export function referencesIn(value: Value): Set<string> {
  const found = new Set<string>();
  collect(value, found);
  return found;
}

function collect(value: Value, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;

  const entries = Object.entries(value);
  const [key, argument] = entries.length === 1 ? (entries[0] ?? []) : [];
  if (key === "Ref" && typeof argument === "string") {
    found.add(argument);
  } else if (key === "Fn::GetAtt") {
    const id = Array.isArray(argument) ? argument[0] : String(argument).split(".")[0];
    if (typeof id === "string") found.add(id);
  } else if (key === "Fn::Sub") {
    const [text, variables = {}] = Array.isArray(argument) ? argument : [argument];
    const own = new Set(Object.keys(Object(variables)));
    for (const part of typeof text === "string" ? parseSub(text) : []) {
      if (part.kind === "variable" && !own.has(part.name)) found.add(part.name.split(".")[0] ?? "");
    }
    collect(variables, found);
  } else {
    for (const [, item] of entries) collect(item, found);
  }
}
