import { z } from "zod";
import { StartError } from "../aws-error.ts";

/** A value of a template, before or after its intrinsic functions are evaluated. */
export type Value = z.infer<typeof valueSchema>;
const valueSchema = z.json();

const parameterSchema = z.strictObject({
  Type: z.string(),
  Default: z.union([z.string(), z.number(), z.array(z.string())]).optional(),
  Description: z.string().optional(),
  NoEcho: z.union([z.boolean(), z.string()]).optional(),
  AllowedValues: z.array(z.union([z.string(), z.number()])).optional(),
  AllowedPattern: z.string().optional(),
  ConstraintDescription: z.string().optional(),
  MinLength: z.coerce.number().optional(),
  MaxLength: z.coerce.number().optional(),
  MinValue: z.coerce.number().optional(),
  MaxValue: z.coerce.number().optional(),
});
export type TemplateParameter = z.infer<typeof parameterSchema>;

const policySchema = z.enum(["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"]);

const resourceSchema = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), valueSchema).default({}),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
  Condition: z.string().optional(),
  DeletionPolicy: policySchema.default("Delete"),
  UpdateReplacePolicy: policySchema.default("Delete"),
  Metadata: valueSchema.optional(),
  CreationPolicy: valueSchema.optional(),
  UpdatePolicy: valueSchema.optional(),
});
export type TemplateResource = z.infer<typeof resourceSchema>;

const outputSchema = z.strictObject({
  Value: valueSchema,
  Description: z.string().optional(),
  Condition: z.string().optional(),
  Export: z.strictObject({ Name: valueSchema }).optional(),
});

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: valueSchema.optional(),
  Parameters: z.record(z.string(), parameterSchema).default({}),
  // The only rule that CDK writes asks for its bootstrap stack, which has no counterpart here.
  Rules: z.strictObject({ CheckBootstrapVersion: valueSchema.optional() }).optional(),
  Mappings: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), valueSchema)))
    .default({}),
  Conditions: z.record(z.string(), valueSchema).default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), outputSchema).default({}),
});
export type Template = z.infer<typeof templateSchema>;

/**
 * Reads a template of CloudFormation in its JSON form.
 *
 * @throws StartError `template-invalid`: which stack, where in it, what is wrong
 */
export function parseTemplate(stackName: string, json: unknown): Template {
  const parsed = templateSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the template";
  throw new StartError(
    "template-invalid",
    `Stack ${stackName}: ${where} is not understood: ${issue?.message}.`,
  );
}
