import { BlockList, isIPv4, isIPv6 } from "node:net";
import type {
  Condition,
  FilterPolicy,
  FilterPolicyScope,
  FilterRule,
  Leaf,
  NumericOperator,
} from "./policy.ts";

/** Why a policy is refused, in the words of SNS. */
export class FilterPolicyError extends Error {}

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_POLICY_BYTES = 262_144;
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/** Reads a filter policy. @throws FilterPolicyError */
export function parseFilterPolicy(text: string, scope: FilterPolicyScope): FilterPolicy {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) {
    refuse(`FilterPolicy: Filter policy is longer than ${MAX_POLICY_BYTES} bytes`);
  }
  const json = parsed(text);
  if (!isObject(json)) return refuse("FilterPolicy: Filter policy is not a JSON object");
  if (Object.keys(json).length > MAX_KEYS) {
    refuse(`FilterPolicy: Filter policy can not have more than ${MAX_KEYS} keys`);
  }
  if (combinations(json, 1, 1) > MAX_COMBINATIONS) {
    refuse("FilterPolicy: Filter policy is too complex");
  }
  return rules(json, [], scope);
}

/**
 * Numbers of values multiplied with each other and with their depth; alternatives add up. Stops as soon
 * as there are too many, so that a policy made to explode costs nothing.
 */
function combinations(
  node: Readonly<Record<string, unknown>>,
  depth: number,
  before: number,
): number {
  if (depth > MAX_COMBINATIONS) return depth;
  let count = before;
  for (const [key, value] of Object.entries(node)) {
    if (isAlternatives(key, value)) {
      const base = count;
      count = value.reduce<number>((sum, it) => sum + combinations(it, depth, base), 0);
    } else if (Array.isArray(value)) {
      count *= value.length * depth;
    } else if (isObject(value)) {
      count = combinations(value, depth + 1, count);
    }
    if (count > MAX_COMBINATIONS) return count;
  }
  return count;
}

function rules(
  node: Readonly<Record<string, unknown>>,
  path: readonly string[],
  scope: FilterPolicyScope,
): FilterRule[] {
  return Object.entries(node).flatMap(([key, value]): FilterRule[] => {
    if (isAlternatives(key, value)) {
      return [{ kind: "or", alternatives: value.map((it) => rules(it, path, scope)) }];
    }
    if (Array.isArray(value)) {
      if (value.length === 0) refuse("FilterPolicy: Empty arrays are not allowed");
      return [{ kind: "key", path: [...path, key], anyOf: value.map(condition) }];
    }
    if (!isObject(value)) return refuse(`FilterPolicy: "${key}" must be an object or an array`);
    if (scope === "MessageAttributes") {
      refuse("Filter policy scope MessageAttributes does not support nested filter policy");
    }
    if (Object.keys(value).length === 0) refuse("FilterPolicy: Empty objects are not allowed");
    return rules(value, [...path, key], scope);
  });
}

/** `$or` is the operator when it holds two objects or more, and a key like others when not. */
function isAlternatives(key: string, value: unknown): value is Record<string, unknown>[] {
  return key === "$or" && Array.isArray(value) && value.length > 1 && value.every(isObject);
}

function condition(rule: unknown): Condition {
  if (isLeaf(rule)) return { kind: "equals", value: rule };
  if (!isObject(rule)) {
    return refuse("FilterPolicy: Match value must be String, number, true, false, or null");
  }
  const [[operator, operand] = [], ...others] = Object.entries(rule);
  if (operator === undefined || others.length > 0) {
    return refuse("FilterPolicy: Only one key allowed in match expression");
  }
  switch (operator) {
    case "prefix":
    case "suffix":
    case "equals-ignore-case":
      return { kind: operator, text: text(operator, operand) };
    case "anything-but":
      return anythingBut(operand);
    case "numeric":
      return { kind: "numeric", bounds: numericBounds(operand) };
    case "exists":
      if (typeof operand === "boolean") return { kind: "exists", wanted: operand };
      return refuse("FilterPolicy: exists match pattern must be either true or false.");
    case "cidr":
      return { kind: "cidr", block: addressBlock(text(operator, operand)) };
    default:
      return refuse(`FilterPolicy: Unrecognized match type ${operator}`);
  }
}

function anythingBut(operand: unknown): Condition {
  if (isObject(operand)) {
    const other = Object.keys(operand).find((it) => it !== "prefix");
    if (other !== undefined) refuse(`FilterPolicy: Unsupported anything-but pattern: ${other}`);
    return { kind: "anything-but-prefix", prefix: text("prefix", operand.prefix) };
  }
  const values = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) refuse("FilterPolicy: Empty arrays are not allowed");
  return {
    kind: "anything-but",
    values: values.map((value: unknown) =>
      isLeaf(value)
        ? value
        : refuse(
            "FilterPolicy: Value of anything-but must be an array or single string/number value.",
          ),
    ),
  };
}

/** `["=", 1]`, `[">", 1]`, `[">=", 1, "<", 2]`: one bound, or a lower and an upper one. */
function numericBounds(operand: unknown): { operator: NumericOperator; bound: number }[] {
  const terms: unknown[] = Array.isArray(operand) ? operand : [];
  if (terms.length === 0) refuse("FilterPolicy: Invalid member in numeric match: ]");
  const first = numericBound(terms[0], terms[1]);
  if (terms.length <= 2) return [first];
  if (!first.operator.startsWith(">")) {
    refuse("FilterPolicy: Too many elements in numeric expression");
  }
  const second = numericBound(terms[2], terms[3]);
  if (!second.operator.startsWith("<")) {
    refuse(`FilterPolicy: Bad numeric range operator: ${second.operator}`);
  }
  if (second.bound <= first.bound) refuse("FilterPolicy: Bottom must be less than top");
  if (terms.length > 4) refuse("FilterPolicy: Too many terms in numeric range expression");
  return [first, second];
}

function numericBound(operator: unknown, bound: unknown) {
  if (!isNumericOperator(operator)) {
    return refuse(`FilterPolicy: Unrecognized numeric range operator: ${String(operator)}`);
  }
  if (typeof bound === "number") return { operator, bound };
  return refuse(`FilterPolicy: Value of ${operator === "=" ? "equals" : operator} must be numeric`);
}

function isNumericOperator(value: unknown): value is NumericOperator {
  return typeof value === "string" && ["=", "<", "<=", ">", ">="].includes(value);
}

function addressBlock(cidr: string): BlockList {
  const [address = "", bits, ...more] = cidr.split("/");
  if (bits === undefined || more.length > 0)
    refuse("FilterPolicy: Malformed CIDR, one '/' required");
  if (!/^\d{1,3}$/.test(bits ?? "")) {
    refuse("FilterPolicy: Malformed CIDR, mask bits must be an integer");
  }
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  if (family === undefined) return refuse(`FilterPolicy: Nonstandard IP address: ${address}`);
  const most = family === "ipv4" ? 32 : 128;
  if (Number(bits) > most) {
    refuse(`FilterPolicy: Malformed CIDR, mask bits must be ${most} or fewer`);
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return block;
}

function text(operator: string, operand: unknown): string {
  if (typeof operand === "string") return operand;
  return refuse(`FilterPolicy: ${operator} match pattern must be a string`);
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return refuse("FilterPolicy: failed to parse JSON.");
  }
}

function refuse(reason: string): never {
  throw new FilterPolicyError(reason);
}
