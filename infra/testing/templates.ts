import { z } from "zod";

/** A value of a template: text, or an intrinsic function that gives one. */
export type Value = string | number | boolean | null | readonly Value[] | { [key: string]: Value };

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.json()).default({}),
});
const templateSchema = z.looseObject({
  Parameters: z.record(z.string(), z.looseObject({})).default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({ Value: z.json(), Export: z.looseObject({ Name: z.json() }).optional() }),
    )
    .default({}),
});
export type StackTemplate = z.infer<typeof templateSchema>;

export interface FoundResource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, Value>>;
}

/** The templates of one app, as the promises ask about them. */
export class Templates {
  readonly byStack: Readonly<Record<string, StackTemplate>>;

  constructor(byStack: Readonly<Record<string, unknown>>) {
    this.byStack = Object.fromEntries(
      Object.entries(byStack).map(([stack, template]) => [stack, templateSchema.parse(template)]),
    );
  }

  all(type?: string): FoundResource[] {
    return Object.entries(this.byStack).flatMap(([stack, template]) =>
      Object.entries(template.Resources)
        .filter(([, resource]) => type === undefined || resource.Type === type)
        .map(([id, { Type, Properties }]) => ({ stack, id, type: Type, properties: Properties })),
    );
  }

  /** The resource that a Ref, GetAtt or ImportValue in `stack` leads to. */
  follow(stack: string, value: Value | undefined): FoundResource | undefined {
    if (!isObject(value)) return undefined;
    const { Ref: ref, "Fn::GetAtt": attribute, "Fn::ImportValue": imported } = value;
    if (imported !== undefined) return this.#exported(imported);
    const id = ref ?? (Array.isArray(attribute) ? attribute[0] : undefined);
    const resource = typeof id === "string" ? this.byStack[stack]?.Resources[id] : undefined;
    return resource && typeof id === "string"
      ? { stack, id, type: resource.Type, properties: resource.Properties }
      : undefined;
  }

  #exported(name: Value): FoundResource | undefined {
    for (const [stack, template] of Object.entries(this.byStack)) {
      const output = Object.values(template.Outputs).find((each) => each.Export?.Name === name);
      if (output) return this.follow(stack, output.Value);
    }
    return undefined;
  }
}

/** Answers one sentence a violation, so none when the promise is kept. */
export type AppPromise = (templates: Templates) => string[];

export const named = ({ stack, id }: FoundResource): string => `${stack}/${id}`;

export function isObject(value: Value | undefined): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that may be one value or a list of them, as IAM has it. */
export function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Walks down objects by name and lists by index. */
export function at(
  value: Value | undefined,
  ...steps: readonly (string | number)[]
): Value | undefined {
  let here = value;
  for (const step of steps) {
    if (typeof step === "number") here = Array.isArray(here) ? here[step] : undefined;
    else here = isObject(here) ? here[step] : undefined;
  }
  return here;
}
