import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../errors.ts";

/** What the cloud and this command keep there; anything else is somebody's own. */
const markers = ["state.sqlite", "lock", "identity.json"];

/**
 * Deletes what a data directory holds.
 * @throws CommandError data-dir-foreign when it holds something and was never one of ours
 */
export async function emptyDataDir(directory: string): Promise<void> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return;
  if (!entries.some((entry) => markers.includes(entry))) {
    throw new CommandError(
      "data-dir-foreign",
      `--fresh would delete "${directory}", which is not a data directory of Sluice; choose another --data-dir.`,
    );
  }
  await Promise.all(
    entries.map((entry) => rm(join(directory, entry), { recursive: true, force: true })),
  );
}
