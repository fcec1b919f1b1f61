import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { AwsError } from "../aws-error.ts";

/**
 * Keeps the code of functions in a place of its own. A copy, since a later synth changes cdk.out
 * under running functions; and below a `package.json` without a type, since the one of the project
 * around cdk.out would decide how Node reads a function's `.js`, which on AWS it does not.
 */
export class CodeStore {
  readonly #directory: string;

  constructor(dataDir: string) {
    this.#directory = path.join(dataDir, "lambda", "code");
  }

  /** @returns directory with the code of an asset, whose key names its content */
  async fromAsset(assetPath: string, objectKey: string): Promise<string> {
    const found = await stat(assetPath).catch(() => undefined);
    if (!found) throw invalid(`the asset ${objectKey} is not in cdk.out: synthesize again`);
    if (!found.isDirectory()) {
      throw invalid(`the asset ${objectKey} is a file: this cloud runs code from directories`);
    }
    return this.#keep(objectKey.replace(/[^A-Za-z0-9.-]/g, "_"), (directory) =>
      cp(assetPath, directory, { recursive: true, verbatimSymlinks: true }),
    );
  }

  /** `ZipFile` of a template: the text of a file `index.js`. */
  fromText(text: string): Promise<string> {
    const name = `inline-${createHash("sha256").update(text).digest("hex")}`;
    return this.#keep(name, (directory) => writeFile(path.join(directory, "index.js"), text));
  }

  /** Removes code that no function uses any more. */
  async keepOnly(directories: readonly string[]): Promise<void> {
    const kept = new Set(directories.map((it) => path.basename(it)).concat("package.json"));
    for (const name of await readdir(this.#directory).catch(() => [])) {
      if (!kept.has(name)) await rm(path.join(this.#directory, name), { recursive: true });
    }
  }

  async #keep(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
    const directory = path.join(this.#directory, name);
    if (await stat(directory).catch(() => undefined)) return directory;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeFile(path.join(this.#directory, "package.json"), "{}\n");
    // Renamed when whole, so that a kill in the middle leaves no half of it under the name.
    const making = await mkdtemp(path.join(this.#directory, ".making-"));
    await fill(making);
    await rename(making, directory);
    return directory;
  }
}

const invalid = (message: string) =>
  new AwsError("InvalidParameterValueException", `Code: ${message}.`);
