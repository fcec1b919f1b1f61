import { lstat, readdir } from "node:fs/promises";
import path from "node:path";

/** Bytes on disk under a directory; what disappears while it is counted counts nothing. */
export async function directorySize(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) bytes += await directorySize(file);
    else bytes += (await lstat(file).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
