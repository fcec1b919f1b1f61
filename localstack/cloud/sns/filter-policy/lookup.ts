import type { MessageAttributes } from "../message.ts";
import type { Lookup } from "./match.ts";
import type { Leaf } from "./policy.ts";

/** String, Number and the elements of String.Array; attributes of type Binary do not count. */
export function attributeLookup(attributes: MessageAttributes): Lookup {
  return ([name = ""]) => {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (attribute?.StringValue === undefined) return [];
    const { DataType, StringValue } = attribute;
    if (DataType === "String.Array") return leavesOf(parsed(StringValue));
    return [DataType.startsWith("Number") ? Number(StringValue) : StringValue];
  };
}

/** Members of the JSON object that the body is; undefined when it is none, which no policy takes. */
export function bodyLookup(body: string): Lookup | undefined {
  const json = parsed(body);
  if (!isObject(json)) return undefined;
  return (path) =>
    path
      .reduce<unknown[]>(
        (found, name) =>
          found
            .flat()
            .flatMap((value) =>
              isObject(value) && Object.hasOwn(value, name) ? [value[name]] : [],
            ),
        [json],
      )
      .flatMap(leavesOf);
}

/** The leaves of a value, of lists their elements'; objects are none. A loop, since lists may nest deeply. */
function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (Array.isArray(next)) for (const element of next) left.push(element);
    else if (isLeaf(next)) leaves.push(next);
  }
  return leaves;
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
