import {
  type App,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  type StackProps,
} from "aws-cdk-lib";
import { AppStack } from "./stacks/app-stack.ts";
import { DatabaseStack } from "./stacks/database-stack.ts";
import { EdgeStack } from "./stacks/edge-stack.ts";
import { StorageStack } from "./stacks/storage-stack.ts";
import type { Target } from "./targets.ts";

/** Adds the stacks of one target, each knowing only those before it. */
export function addStacks(app: App, target: Target): void {
  const stackProps = (description: string): StackProps => ({
    description,
    tags: { project: "sluice", target: target.name },
    // The CDK's own types do not agree with each other under exactOptionalPropertyTypes.
    synthesizer: new DefaultStackSynthesizer({
      generateBootstrapVersionRule: target.hasBootstrapStack,
    }) as IStackSynthesizer,
  });

  const storage = new StorageStack(app, "Sluice-Storage", {
    ...stackProps("Sluice: buckets, queues and the key group for playback"),
    target,
  });
  const database = target.hasDatabaseStack
    ? new DatabaseStack(app, "Sluice-Database", {
        ...stackProps("Sluice: PostgreSQL behind the Data API"),
        target,
      })
    : undefined;
  const application = new AppStack(app, "Sluice-App", {
    ...stackProps("Sluice: functions and the API"),
    target,
    storage,
    database,
  });
  // The two do not need each other; said so that the order is the same everywhere.
  database?.addStackDependency(storage);

  if (target.hasEdge) {
    new EdgeStack(app, "Sluice-Edge", {
      ...stackProps("Sluice: the distribution in front of page, API and media"),
      target,
      storage,
      api: application.api,
    });
  }
}
