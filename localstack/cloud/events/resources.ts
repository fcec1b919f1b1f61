import { z } from "zod";
import type { ResourceProvider } from "../resource-provider.ts";
import { ruleMembers, ruleName, targetSchema } from "./rule.ts";
import type { Rules } from "./rules.ts";

const ruleProperties = z.strictObject({
  Name: ruleName.optional(),
  ...ruleMembers,
  Targets: z.array(targetSchema).optional(),
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
export function ruleProvider(rules: Rules): ResourceProvider<z.infer<typeof ruleProperties>> {
  return {
    type: "AWS::Events::Rule",
    schema: ruleProperties,
    // Nothing here needs a role to reach a target.
    inert: ["RoleArn", "Targets.RoleArn", "Tags"],
    async put({ Name, Description, ScheduleExpression, State, Targets = [] }, context) {
      const { name, arn } = rules.put({
        name: Name ?? context.generatedName(64),
        description: Description,
        scheduleExpression: ScheduleExpression,
        enabled: State === "ENABLED",
        targets: Targets,
      });
      return { physicalId: name, attributes: { Arn: arn } };
    },
    async delete(physicalId) {
      rules.delete(physicalId);
    },
  };
}
