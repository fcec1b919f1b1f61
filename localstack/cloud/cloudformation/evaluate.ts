import { subnets } from "./cidr.ts";
import { parseSub } from "./sub.ts";
import type { Value } from "./template.ts";

/** What the functions of a template may ask for. Each throws `EvaluationError` for what is not there. */
export interface Scope {
  readonly region: string;
  /** A parameter, a pseudo parameter or a resource; `NO_VALUE` for `AWS::NoValue`. */
  ref(name: string): Value | typeof NO_VALUE;
  getAtt(logicalId: string, attribute: string): string;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): Value;
  importValue(exportName: string): string;
}

/** Stands for "as if it were not written": takes a property or a list item away. */
export const NO_VALUE = Symbol("AWS::NoValue");
type Evaluated = Value | typeof NO_VALUE;

/** What is wrong, and where in the template. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/**
 * Evaluates the intrinsic functions in a value.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 *
 * @param where path of the value, for messages
 * @returns the value, or `undefined` when it is `AWS::NoValue`
 */
export function evaluate(value: Value, scope: Scope, where: string): Value | undefined {
  const result = visit(value, scope, where);
  return result === NO_VALUE ? undefined : result;
}

function visit(value: Value, scope: Scope, where: string): Evaluated {
  if (Array.isArray(value)) {
    return value
      .map((item, index) => visit(item, scope, `${where}.${index}`))
      .filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== "object" || value === null) return value;

  const call = intrinsicCall(value);
  if (call) {
    const intrinsic = intrinsics[call.name];
    if (!intrinsic) {
      throw new EvaluationError(
        `${where}: ${call.name} is not known. Known: ${Object.keys(intrinsics).join(", ")}.`,
      );
    }
    return intrinsic(call.argument, scope, `${where}.${call.name}`);
  }

  const result: Record<string, Value> = {};
  for (const [key, item] of Object.entries(value)) {
    const evaluated = visit(item, scope, `${where}.${key}`);
    if (evaluated !== NO_VALUE) result[key] = evaluated;
  }
  return result;
}

function intrinsicCall(value: { [key: string]: Value }) {
  const [only, second] = Object.entries(value);
  if (!only || second) return undefined;
  const [name, argument] = only;
  return name === "Ref" || name.startsWith("Fn::") ? { name, argument } : undefined;
}

type Intrinsic = (argument: Value, scope: Scope, where: string) => Evaluated;

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref(argument, scope, where) {
    return scope.ref(literal(argument, where));
  },

  "Fn::GetAtt"(argument, scope, where) {
    if (typeof argument === "string") {
      const dot = argument.indexOf(".");
      if (dot < 1) fail(where, "is not of the form LogicalId.Attribute");
      return scope.getAtt(argument.slice(0, dot), argument.slice(dot + 1));
    }
    const [id, attribute] = tuple(argument, 2, where);
    return scope.getAtt(literal(id, where), text(attribute, scope, where));
  },

  "Fn::Join"(argument, scope, where) {
    const [separator, items] = tuple(argument, 2, where);
    return texts(items, scope, where).join(literal(separator, where));
  },

  "Fn::Split"(argument, scope, where) {
    const [separator, source] = tuple(argument, 2, where);
    const by = literal(separator, where);
    if (by === "") fail(where, "needs a separator");
    return text(source, scope, where).split(by);
  },

  "Fn::Select"(argument, scope, where) {
    const [position, list] = tuple(argument, 2, where);
    const index = Number(text(position, scope, where));
    const items = array(list, scope, where);
    return items[index] ?? fail(where, `has no item ${index}: the list has ${items.length}`);
  },

  "Fn::Sub"(argument, scope, where) {
    const [source, variables] =
      typeof argument === "string" ? [argument, {}] : tuple(argument, 2, where);
    const own = visit(variables ?? {}, scope, where);
    if (typeof own !== "object" || own === null || Array.isArray(own)) {
      fail(where, "needs its variables as an object");
    }
    return parseSub(literal(source, where))
      .map((part) => {
        if (part.kind === "text") return part.text;
        const given = own[part.name];
        if (given !== undefined) return scalar(given, where);
        const dot = part.name.indexOf(".");
        return scalar(
          dot < 0
            ? scope.ref(part.name)
            : scope.getAtt(part.name.slice(0, dot), part.name.slice(dot + 1)),
          where,
        );
      })
      .join("");
  },

  "Fn::If"(argument, scope, where) {
    const [name, whenTrue, whenFalse] = tuple(argument, 3, where);
    // Only the branch that is taken: the other may name what does not exist.
    return scope.condition(literal(name, where))
      ? visit(whenTrue, scope, `${where}.1`)
      : visit(whenFalse, scope, `${where}.2`);
  },

  "Fn::FindInMap"(argument, scope, where) {
    const [map, top, second] = tuple(argument, 3, where);
    return scope.mapping(
      text(map, scope, where),
      text(top, scope, where),
      text(second, scope, where),
    );
  },

  "Fn::ImportValue"(argument, scope, where) {
    return scope.importValue(text(argument, scope, where));
  },

  "Fn::Base64"(argument, scope, where) {
    return Buffer.from(text(argument, scope, where), "utf8").toString("base64");
  },

  "Fn::GetAZs"(argument, scope, where) {
    const region = text(argument, scope, where) || scope.region;
    return ["a", "b", "c"].map((zone) => `${region}${zone}`);
  },

  "Fn::Cidr"(argument, scope, where) {
    const items = array(argument, scope, where);
    const [block, count, bits] = items.map((item) => scalar(item, where));
    const result = subnets(block ?? "", Number(count), Number(bits ?? 8));
    return typeof result === "string" ? fail(where, result) : [...result];
  },
};

/**
 * Evaluates what stands in the section `Conditions`, where `{ "Condition": "Name" }` is a function
 * (elsewhere, as in a policy, it is just a key).
 */
export function evaluateCondition(value: Value, scope: Scope, where: string): boolean {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const [only, second] = Object.entries(value);
    if (only && !second) {
      const [name, argument] = only;
      const all = () =>
        array0(argument, where).map((item) => evaluateCondition(item, scope, where));
      if (name === "Condition") return scope.condition(literal(argument, where));
      if (name === "Fn::And") return all().every(Boolean);
      if (name === "Fn::Or") return all().some(Boolean);
      if (name === "Fn::Not") return !all()[0];
      if (name === "Fn::Equals") {
        const [left, right] = tuple(argument, 2, where);
        return text(left, scope, where) === text(right, scope, where);
      }
    }
  }
  return fail(where, "is not a condition (Fn::And, Fn::Or, Fn::Not, Fn::Equals, Condition)");
}

function fail(where: string, what: string): never {
  throw new EvaluationError(`${where} ${what}.`);
}

function literal(value: Value | undefined, where: string): string {
  return typeof value === "string" ? value : fail(where, "needs a plain string here");
}

function array0(value: Value, where: string): Value[] {
  return Array.isArray(value) ? value : fail(where, "needs a list");
}

function tuple(value: Value, length: 2, where: string): [Value, Value];
function tuple(value: Value, length: 3, where: string): [Value, Value, Value];
function tuple(value: Value, length: number, where: string): Value[] {
  const items = array0(value, where);
  return items.length === length ? items : fail(where, `needs a list of ${length}`);
}

function array(value: Value, scope: Scope, where: string): Value[] {
  const result = visit(value, scope, where);
  return Array.isArray(result) ? result : fail(where, "needs a list");
}

function texts(value: Value, scope: Scope, where: string): string[] {
  return array(value, scope, where).map((item) => scalar(item, where));
}

function text(value: Value, scope: Scope, where: string): string {
  return scalar(visit(value, scope, where), where);
}

function scalar(value: Evaluated, where: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return fail(where, "needs a string here");
}
