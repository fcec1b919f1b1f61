import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ResumeRecord, type ResumeStore, resumeKey, resumeRecordSchema } from "../resume.ts";

/** A ResumeStore that can be looked through. */
export interface ResumeDirectory extends ResumeStore {
  all(): Promise<readonly { readonly key: string; readonly record: ResumeRecord }[]>;
}

/**
 * Keeps each record in a file of its own, so that several processes can upload at once. A file
 * that cannot be read counts as none.
 */
export function resumeDirectory(directory: string): ResumeDirectory {
  const pathOf = (key: string) =>
    join(directory, `${createHash("sha256").update(key).digest("hex")}.json`);
  const read = async (path: string): Promise<ResumeRecord | undefined> => {
    try {
      return resumeRecordSchema.parse(JSON.parse(await readFile(path, "utf8")));
    } catch {
      return undefined;
    }
  };
  return {
    load: (key) => read(pathOf(key)),
    async save(key, record) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const path = pathOf(key);
        const whole = `${path}.${randomUUID()}`;
        await writeFile(whole, JSON.stringify(record), { mode: 0o600 });
        await rename(whole, path);
      } catch {
        // Resuming is then not possible, uploading is.
      }
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    async all() {
      const names = await readdir(directory).catch(() => []);
      const records = await Promise.all(
        names.filter((name) => name.endsWith(".json")).map((name) => read(join(directory, name))),
      );
      return records.flatMap((record) => (record ? [{ key: resumeKey(record), record }] : []));
    },
  };
}
