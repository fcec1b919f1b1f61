import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "aws-cdk-lib";
import { addStacks } from "../sluice.ts";
import { type TargetName, targetNamed } from "../targets.ts";

/** What `cdk synth` makes for a target, without the bundles. */
export function synthesize(target: TargetName, context: Readonly<Record<string, unknown>>) {
  const outdir = mkdtempSync(path.join(tmpdir(), "sluice-synth-"));
  try {
    const app = new App({
      analyticsReporting: false,
      outdir,
      context: { ...context, "aws:cdk:bundling-stacks": [] },
    });
    addStacks(app, targetNamed(target, { cpus: 4, arch: "x64" }));
    const { stacks } = app.synth();
    return {
      stackNames: stacks.map((stack) => stack.stackName),
      templates: Object.fromEntries(stacks.map((stack) => [stack.stackName, stack.template])),
      messages: stacks.flatMap((stack) =>
        stack.messages.map((message) => `${message.level} ${message.id}: ${message.entry.data}`),
      ),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
