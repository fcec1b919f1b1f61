import { App } from "aws-cdk-lib";
import { addStacks } from "./sluice.ts";
import { dispatchedBy, targetNamed } from "./targets.ts";

const app = new App({ analyticsReporting: false });
try {
  const target = targetNamed(app.node.tryGetContext("target"));
  addStacks(app, dispatchedBy(target, app.node.tryGetContext("dispatch")));
} catch (error) {
  // A stack trace of the CDK hides the one sentence that helps.
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
