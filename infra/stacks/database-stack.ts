import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Database } from "../constructs/database.ts";
import type { DatabaseAccess } from "../constructs/database-access.ts";
import type { Target } from "../targets.ts";

export interface DatabaseStackProps extends StackProps {
  readonly target: Target;
}

export class DatabaseStack extends Stack {
  readonly access: DatabaseAccess;

  constructor(scope: Construct, id: string, props: DatabaseStackProps) {
    super(scope, id, props);
    this.access = new Database(this, "Database", { target: props.target }).access;
    new CfnOutput(this, "ClusterArn", { value: this.access.clusterArn });
    new CfnOutput(this, "SecretArn", { value: this.access.secretArn });
  }
}
