import { z } from "zod";

const oneOrMore = <T extends z.ZodType>(schema: T) =>
  z.union([schema, z.array(schema).min(1)]).transform((it) => (Array.isArray(it) ? it : [it]));

const principal = z.union([
  z.literal("*"),
  z.partialRecord(
    z.enum(["AWS", "Service", "Federated", "CanonicalUser"]),
    oneOrMore(z.string().min(1)),
  ),
]);
const condition = z.record(
  z.string(),
  z.record(z.string(), oneOrMore(z.union([z.string(), z.boolean(), z.number()]))),
);

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Principal: principal.optional(),
    NotPrincipal: principal.optional(),
    Action: oneOrMore(z.string().min(1)).optional(),
    NotAction: oneOrMore(z.string().min(1)).optional(),
    Resource: oneOrMore(z.string().min(1)).optional(),
    NotResource: oneOrMore(z.string().min(1)).optional(),
    Condition: condition.optional(),
  })
  .refine((it) => (it.Action === undefined) !== (it.NotAction === undefined), {
    message: "a statement has either Action or NotAction",
  });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export const policyDocument = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: oneOrMore(statement),
});
