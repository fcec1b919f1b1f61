import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "../errors.ts";
import type { ByStack, Provisioner } from "./deploy.ts";

const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

export interface CdkProvisionerOptions {
  readonly root: string;
  /** Of infra/targets.ts. */
  readonly target: string;
  /** The command line tool, a script for Node. */
  readonly cdk?: string;
}

/** Arguments of `cdk deploy` for parameters by stack. */
export function deployArguments(
  target: string,
  parameters: ByStack,
  outputsFile: string,
): readonly string[] {
  return [
    ...["deploy", "--all", "--require-approval", "never", "--no-notices"],
    ...["--context", `target=${target}`, "--outputs-file", outputsFile],
    ...Object.entries(parameters).flatMap(([stack, values]) =>
      Object.entries(values).flatMap(([name, value]) => [
        "--parameters",
        `${stack}:${name}=${value}`,
      ]),
    ),
  ];
}

/** Provisions with CloudFormation, by the CDK's own command line; its progress goes to the terminal. */
export function cdkProvisioner(options: CdkProvisionerOptions): Provisioner {
  const { root, target, cdk = join(root, "node_modules", "aws-cdk", "bin", "cdk") } = options;
  return {
    async provision(parameters) {
      const directory = await mkdtemp(join(tmpdir(), "sluice-deploy-"));
      try {
        const outputsFile = join(directory, "outputs.json");
        const child = spawn(
          process.execPath,
          [cdk, ...deployArguments(target, parameters, outputsFile)],
          { cwd: root, stdio: "inherit" },
        );
        const code = await new Promise<number | null>((resolve, reject) => {
          child.on("error", reject).on("close", resolve);
        });
        if (code !== 0) {
          throw new CommandError(
            "provisioning-failed",
            "The stacks could not be deployed; what the CDK printed above says why. Deploying again goes on from there.",
          );
        }
        return outputsSchema.parse(JSON.parse(await readFile(outputsFile, "utf8")));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}
