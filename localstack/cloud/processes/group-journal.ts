import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const groupSchema = z.strictObject({
  groupId: z.number().int().min(2),
  startMark: z.string().optional(),
});
export type RecordedGroup = z.infer<typeof groupSchema>;

const journalSchema = z.strictObject({ mark: z.string().min(1), groups: z.array(groupSchema) });
export type GroupJournal = z.infer<typeof journalSchema>;

const journalFile = (dataDir: string) => path.join(dataDir, "processes", "groups.json");

/** What the run before left behind; `undefined` when it left no file, or half of one. */
export function readGroupJournal(dataDir: string): GroupJournal | undefined {
  try {
    return journalSchema.parse(JSON.parse(readFileSync(journalFile(dataDir), "utf8")));
  } catch {
    return undefined;
  }
}

export function writeGroupJournal(dataDir: string, journal: GroupJournal): void {
  const file = journalFile(dataDir);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // A rename is whole or not at all, so a reader never meets half a file.
  writeFileSync(`${file}.next`, JSON.stringify(journal), { mode: 0o600 });
  renameSync(`${file}.next`, file);
}
