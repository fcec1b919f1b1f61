import { CfnParameter } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** A value that the deploy command brings. Has no default: a forgotten one fails before anything is made. */
export function stringParameter(scope: Construct, name: string, description: string): string {
  return new CfnParameter(scope, name, { type: "String", minLength: 1, description }).valueAsString;
}
