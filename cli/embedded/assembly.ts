import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildIfChanged, fingerprint } from "../build-cache.ts";
import { CommandError } from "../errors.ts";

/**
 * The synthesized app for the embedded target; CDK runs only when something it reads has changed.
 * @param root of the checkout
 * @returns directory of the assembly
 */
export async function ensureAssembly(root: string, onBuild: () => void): Promise<string> {
  const directory = join(root, "cdk.out", "embedded");
  const inputs = ["infra", "functions", "contracts", "layers", "cdk.json", "package-lock.json"];
  const digest = await fingerprint(
    [
      ...inputs.map((input) => join(root, input)),
      // Links into the machine: the layer of the embedded target.
      join(root, "layers", "ffmpeg", "dist", "embedded", "bin"),
    ],
    [process.version],
  );
  await buildIfChanged(directory, digest, async (outDir) => {
    onBuild();
    await run(root, join(root, "node_modules", "aws-cdk", "bin", "cdk"), [
      "synth",
      "--quiet",
      "--no-notices",
      "--context",
      "target=embedded",
      "--output",
      outDir,
    ]);
  });
  return directory;
}

/** The page, bundled when something it is made of has changed. */
export async function ensureWeb(root: string, onBuild: () => void): Promise<string> {
  const directory = join(root, "web", "dist", "site");
  const inputs = ["web", "client", "contracts", "package-lock.json"];
  const digest = await fingerprint(inputs.map((input) => join(root, input)));
  await buildIfChanged(directory, digest, async (outDir) => {
    onBuild();
    const { buildWeb } = await import("@sluice/web/build");
    await buildWeb(outDir);
  });
  return directory;
}

async function run(cwd: string, script: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-20_000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) {
    throw new CommandError(
      "synthesis-failed",
      `The app could not be synthesized:\n${printed.trim()}`,
    );
  }
}
