import { isIPv4, isIPv6 } from "node:net";
import type { Condition, FilterPolicy, Leaf, NumericOperator } from "./policy.ts";

/** The leaves that a message has at a path; none when it lacks the key. */
export type Lookup = (path: readonly string[]) => readonly Leaf[];

/**
 * Whether a message passes: every key has a value that one of its conditions takes.
 * Of a list each element counts as a value of its own.
 */
export function matches(policy: FilterPolicy, lookup: Lookup): boolean {
  return policy.every((rule) => {
    if (rule.kind === "or") return rule.alternatives.some((it) => matches(it, lookup));
    const leaves = lookup(rule.path);
    return rule.anyOf.some((condition) => holds(condition, leaves));
  });
}

function holds(condition: Condition, leaves: readonly Leaf[]): boolean {
  if (condition.kind === "exists") return condition.wanted === leaves.length > 0;
  return leaves.some((leaf) => takes(condition, leaf));
}

function takes(condition: Exclude<Condition, { kind: "exists" }>, leaf: Leaf): boolean {
  switch (condition.kind) {
    case "equals":
      return leaf === condition.value;
    case "anything-but":
      return leaf !== null && !condition.values.includes(leaf);
    case "anything-but-prefix":
      return typeof leaf === "string" && !leaf.startsWith(condition.prefix);
    case "prefix":
      return typeof leaf === "string" && leaf.startsWith(condition.text);
    case "suffix":
      return typeof leaf === "string" && leaf.endsWith(condition.text);
    case "equals-ignore-case":
      return typeof leaf === "string" && leaf.toLowerCase() === condition.text.toLowerCase();
    case "numeric":
      return (
        typeof leaf === "number" &&
        condition.bounds.every(({ operator, bound }) => compare[operator](leaf, bound))
      );
    case "cidr":
      if (typeof leaf !== "string") return false;
      if (isIPv4(leaf)) return condition.block.check(leaf, "ipv4");
      return isIPv6(leaf) && condition.block.check(leaf, "ipv6");
  }
}

const compare: Readonly<Record<NumericOperator, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};
