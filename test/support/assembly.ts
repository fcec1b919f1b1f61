import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");

/** Synthesizes the app for the embedded target into `outDir`, as `npx cdk synth` does. */
export const synthesize = async (outDir: string): Promise<void> => {
  const cdk = join(root, "node_modules/aws-cdk/bin/cdk");
  const options = ["--quiet", "--no-notices", "--context", "target=embedded", "--output", outDir];
  await promisify(execFile)(process.execPath, [cdk, "synth", ...options], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  });
};
