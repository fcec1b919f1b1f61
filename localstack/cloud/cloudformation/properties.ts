import { z } from "zod";
import { StartError } from "../aws-error.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import type { Value } from "./template.ts";

export interface CheckedProperties {
  readonly properties: unknown;
  /** Paths of properties that are accepted and have no effect here. */
  readonly inert: readonly string[];
}

/**
 * Checks evaluated properties against what a provider knows. Messages never show values.
 *
 * @param label names the resource: stack, logical id, type
 * @throws StartError `property-unknown`, `property-invalid`
 */
export function checkProperties(
  label: string,
  provider: ResourceProvider,
  properties: Value,
): CheckedProperties {
  const inert = provider.inert.filter((path) => has(properties, path.split(".")));
  const rest = inert.reduce((value, path) => without(value, path.split(".")), properties);
  const parsed = provider.schema.safeParse(rest);
  if (parsed.success) return { properties: parsed.data, inert };

  const issue = deepest(parsed.error.issues);
  if (issue?.code === "unrecognized_keys") {
    const path = [...issue.path, issue.keys[0] ?? ""].map(String);
    const known = knownProperties(provider, issue.path);
    throw new StartError(
      "property-unknown",
      `${label}: the property ${path.join(".")} is not known. Known here: ${known.join(", ")}.`,
    );
  }
  throw new StartError(
    "property-invalid",
    `${label}: the property ${issue?.path.join(".") || "Properties"} is not accepted: ${issue?.message}.`,
  );
}

/** In a union each branch fails: what is wrong is said by the branch that was understood furthest. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const all = issues.flatMap((issue) => {
    if (issue.code !== "invalid_union") return [issue];
    const inner = deepest(issue.errors.flat());
    return inner ? [{ ...inner, path: [...issue.path, ...inner.path] }] : [issue];
  });
  return all.sort((a, b) => b.path.length - a.path.length)[0];
}

function has(value: Value | undefined, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined;
  // A list is passed through: the path names a property of its items.
  if (Array.isArray(value)) return value.some((item) => has(item, [key, ...rest]));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
  return has(value[key], rest);
}

function without(value: Value, path: readonly string[]): Value {
  const [key, ...rest] = path;
  if (Array.isArray(value)) return value.map((item) => without(item, path));
  if (typeof value !== "object" || value === null || key === undefined) return value;
  const { [key]: found, ...others } = value;
  if (found === undefined || rest.length === 0) return others;
  return { ...value, [key]: without(found, rest) };
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

function knownProperties(provider: ResourceProvider, path: readonly PropertyKey[]): string[] {
  const names = path.filter((key) => typeof key === "string");
  const schema: SchemaNode = z.toJSONSchema(provider.schema, {
    io: "input",
    unrepresentable: "any",
    target: "draft-07",
  }) as SchemaNode;
  const nodes = names.reduce(
    (current, name) => current.flatMap((node) => node.properties?.[name] ?? []).flatMap(objectsIn),
    objectsIn(schema),
  );
  const prefix = names.map((name) => `${name}.`).join("");
  const inert = provider.inert.flatMap((name) =>
    name.startsWith(prefix) ? (name.slice(prefix.length).split(".")[0] ?? []) : [],
  );
  const keys = nodes.flatMap((node) => Object.keys(node.properties ?? {}));
  return [...new Set([...keys, ...inert])].sort();
}

/** The objects that a schema describes, through lists and alternatives. */
function objectsIn(node: SchemaNode): SchemaNode[] {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.items ? [node.items] : [])];
  return inner.length > 0 ? inner.flatMap(objectsIn) : [node];
}
