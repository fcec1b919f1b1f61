import { z } from "zod";
import { ruleMembers, ruleName, targetSchema } from "./rule.ts";

const { EventBusName } = ruleMembers;
const bus = { EventBusName };
const paging = {
  NextToken: z.string().max(2048).optional(),
  Limit: z.number().int().min(1).max(100).optional(),
};
const rule = { Rule: ruleName, ...bus };
/** It speaks of rules that an AWS service made; here are none. */
const force = { Force: z.boolean().optional() };

/** Shapes of the JSON protocol: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
export const requests = {
  PutRule: z.strictObject({
    Name: ruleName,
    ...ruleMembers,
    RoleArn: z.undefined("this cloud needs no role to reach targets").optional(),
  }),
  DescribeRule: z.strictObject({ Name: ruleName, ...bus }),
  EnableRule: z.strictObject({ Name: ruleName, ...bus }),
  DisableRule: z.strictObject({ Name: ruleName, ...bus }),
  DeleteRule: z.strictObject({ Name: ruleName, ...bus, ...force }),
  ListRules: z.strictObject({ NamePrefix: ruleName.optional(), ...bus, ...paging }),
  ListTargetsByRule: z.strictObject({ ...rule, ...paging }),
  PutTargets: z.strictObject({ ...rule, Targets: z.array(targetSchema).min(1).max(100) }),
  RemoveTargets: z.strictObject({
    ...rule,
    Ids: z.array(z.string()).min(1).max(100),
    ...force,
  }),
} as const;

export type ActionName = keyof typeof requests;
export type Request<Name extends ActionName> = z.infer<(typeof requests)[Name]>;
