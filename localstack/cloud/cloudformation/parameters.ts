import { StartError } from "../aws-error.ts";
import type { Template, TemplateParameter, Value } from "./template.ts";

/**
 * The value of each parameter of a stack: what was given, else its default. Messages name parameters
 * and never show values, which may be secret.
 *
 * @returns by name; parameters that AWS would look up in Parameter Store are absent
 * @throws StartError `parameter-unknown`, `parameter-missing`, `parameter-invalid`
 */
export function resolveParameters(
  stackName: string,
  declared: Template["Parameters"],
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, Value> {
  const names = Object.keys(declared);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declared, name)) continue;
    throw new StartError(
      "parameter-unknown",
      `Stack ${stackName} has no parameter ${name}. It has: ${names.join(", ") || "none"}.`,
    );
  }

  const values = new Map<string, Value>();
  for (const [name, parameter] of Object.entries(declared)) {
    if (parameter.Type.startsWith("AWS::SSM::Parameter::Value")) continue;
    const value = given[name] ?? parameter.Default;
    if (value === undefined) {
      throw new StartError(
        "parameter-missing",
        `Stack ${stackName} needs the parameter ${name}, which has no default.`,
      );
    }
    const text = Array.isArray(value) ? value.join(",") : String(value);
    const problem = check(parameter, text);
    if (problem) {
      throw new StartError(
        "parameter-invalid",
        `Stack ${stackName}: the parameter ${name} ${parameter.ConstraintDescription ?? problem}.`,
      );
    }
    values.set(name, typed(parameter.Type, text));
  }
  return values;
}

function typed(type: string, text: string): Value {
  if (type === "Number") return Number(text);
  const isList = type === "CommaDelimitedList" || type.startsWith("List<");
  if (isList) return text === "" ? [] : text.split(",").map((item) => item.trim());
  return text;
}

function check(parameter: TemplateParameter, text: string): string | undefined {
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue } = parameter;
  if (AllowedValues && !AllowedValues.map(String).includes(text)) {
    return `must be one of ${AllowedValues.join(", ")}`;
  }
  if (AllowedPattern && !matches(AllowedPattern, text)) return `must match ${AllowedPattern}`;
  if (MinLength !== undefined && text.length < MinLength) {
    return `must have at least ${MinLength} characters`;
  }
  if (MaxLength !== undefined && text.length > MaxLength) {
    return `must have at most ${MaxLength} characters`;
  }
  if (parameter.Type !== "Number") return undefined;
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) return "must be a number";
  if (MinValue !== undefined && number < MinValue) return `must be at least ${MinValue}`;
  if (MaxValue !== undefined && number > MaxValue) return `must be at most ${MaxValue}`;
  return undefined;
}

/** Patterns are written for Java, whose few differences from ours we cannot read. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return false;
  }
}
