import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface SmallDisk {
  readonly directory: string;
  /** Fills it but for this much, counted in bytes. */
  leave(bytes: number): void;
  /** Gives back what `leave` took. */
  free(): void;
  remove(): void;
}

/** For tests: a file system of its own. Only root on Linux may mount one; else `undefined`, and a line says so. */
export function mountSmallDisk(sizeMiB: number): SmallDisk | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), "small-disk-"));
  try {
    const options = ["-t", "tmpfs", "-o", `size=${sizeMiB}m`, "tmpfs", directory];
    execFileSync("mount", options, { stdio: "ignore" });
  } catch {
    rmSync(directory, { recursive: true });
    console.log("No file system can be mounted here: nothing is tested on a full disk.");
    return undefined;
  }
  // PostgreSQL runs as somebody else than root and must be able to pass through.
  chmodSync(directory, 0o711);
  const filler = path.join(directory, "filler");
  return {
    directory,
    leave(bytes) {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)), { flag: "a" });
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync("umount", [directory]);
      rmSync(directory, { recursive: true });
    },
  };
}
