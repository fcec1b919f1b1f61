import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const ignored = new Set(["node_modules", "cdk.out", "dist", ".git"]);

/** Every file below `path` that can change a build: tests and generated folders are left out. */
async function* sourceFiles(path: string): AsyncGenerator<string> {
  let entries: import("node:fs").Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") yield path;
    else if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.endsWith(".test.ts") || ignored.has(entry.name)) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(child);
    else yield child;
  }
}

/** SHA-256 over names and contents of all files below `inputs`; symbolic links count by their target. */
export async function fingerprint(
  inputs: readonly string[],
  extra: readonly string[] = [],
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(extra));
  for (const input of inputs) {
    for await (const file of sourceFiles(input)) {
      const content = await readlink(file).catch(() => readFile(file));
      hash.update(file).update("\0").update(content).update("\0");
    }
  }
  return hash.digest("hex");
}

/**
 * Runs `build` into a new directory and puts it at `directory`, unless what stands there was built
 * from the same inputs. An interrupted build leaves the old result as it was.
 * @returns whether it built
 */
export async function buildIfChanged(
  directory: string,
  digest: string,
  build: (outDir: string) => Promise<void>,
): Promise<boolean> {
  const stamp = join(directory, ".fingerprint");
  if ((await readFile(stamp, "utf8").catch(() => "")) === digest) return false;
  const temporary = `${directory}.${process.pid}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(temporary), { recursive: true });
  await build(temporary);
  await writeFile(join(temporary, ".fingerprint"), digest);
  await rm(directory, { recursive: true, force: true });
  await rename(temporary, directory);
  return true;
}
