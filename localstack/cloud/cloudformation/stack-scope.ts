import type { ResourceState } from "../resource-provider.ts";
import { EvaluationError, evaluateCondition, NO_VALUE, type Scope } from "./evaluate.ts";
import type { Template, Value } from "./template.ts";

export interface StackScopeOptions {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, Value>;
  /** Those that stand already. */
  readonly resources: ReadonlyMap<string, ResourceState>;
  exportedValue(name: string): string | undefined;
}

/** What the functions of one stack's template may ask for. */
export function stackScope(options: StackScopeOptions): Scope {
  const { accountId, region, stackName, template, parameters, resources } = options;
  const pseudo = new Map<string, Value | typeof NO_VALUE>([
    ["AWS::AccountId", accountId],
    ["AWS::NoValue", NO_VALUE],
    ["AWS::NotificationARNs", []],
    ["AWS::Partition", "aws"],
    ["AWS::Region", region],
    ["AWS::StackId", `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`],
    ["AWS::StackName", stackName],
    ["AWS::URLSuffix", "amazonaws.com"],
  ]);
  const conditions = new Map<string, boolean>();
  const underway: string[] = [];

  const scope: Scope = {
    region,

    ref(name) {
      const value = pseudo.get(name) ?? parameters.get(name) ?? resources.get(name)?.physicalId;
      if (value !== undefined) return value;
      if (Object.hasOwn(template.Parameters, name)) {
        throw new EvaluationError(
          `Ref ${name}: a parameter of type ${template.Parameters[name]?.Type} is not looked up here.`,
        );
      }
      return missing("Ref", name);
    },

    getAtt(logicalId, attribute) {
      const resource = resources.get(logicalId);
      if (!resource) return missing("Fn::GetAtt", logicalId);
      const value = resource.attributes[attribute];
      if (value !== undefined) return value;
      const known = Object.keys(resource.attributes).sort().join(", ") || "none";
      throw new EvaluationError(
        `Fn::GetAtt: ${logicalId} has no attribute ${attribute}. It has: ${known}.`,
      );
    },

    condition(name) {
      const found = conditions.get(name);
      if (found !== undefined) return found;
      const value = template.Conditions[name];
      if (value === undefined) throw new EvaluationError(`There is no condition ${name}.`);
      if (underway.includes(name)) {
        throw new EvaluationError(
          `Conditions depend on each other in a circle: ${[...underway, name].join(" → ")}.`,
        );
      }
      underway.push(name);
      const result = evaluateCondition(value, scope, `Conditions.${name}`);
      underway.pop();
      conditions.set(name, result);
      return result;
    },

    mapping(map, top, second) {
      const value = template.Mappings[map]?.[top]?.[second];
      if (value !== undefined) return value;
      throw new EvaluationError(`Fn::FindInMap: there is no ${map}.${top}.${second}.`);
    },

    importValue(name) {
      const value = options.exportedValue(name);
      if (value !== undefined) return value;
      throw new EvaluationError(`Fn::ImportValue: no stack exports ${name}.`);
    },
  };
  return scope;

  function missing(intrinsic: string, logicalId: string): never {
    const why = Object.hasOwn(template.Resources, logicalId)
      ? "is left out by its condition, or not made yet"
      : "is neither a resource nor a parameter of this stack";
    throw new EvaluationError(`${intrinsic} ${logicalId}: ${logicalId} ${why}.`);
  }
}
