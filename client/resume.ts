import { uploadSchema } from "@sluice/contracts";
import { z } from "zod";
import type { UploadSource } from "./source.ts";

/**
 * What is needed to go on after a reload. S3 knows which parts it holds; this only says whose
 * upload that is. Written before create is called, so that its answer may be lost.
 */
export const resumeRecordSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  size: z.int(),
  lastModified: z.number(),
  idempotencyKey: z.string().min(1),
  createdAt: z.int(),
  upload: uploadSchema.optional(),
});
export type ResumeRecord = z.infer<typeof resumeRecordSchema>;

/** Keeps records by key. A store that cannot keep them is allowed to forget, never to throw. */
export interface ResumeStore {
  load(key: string): Promise<ResumeRecord | undefined>;
  save(key: string, record: ResumeRecord): Promise<void>;
  remove(key: string): Promise<void>;
}

export function memoryResumeStore(): ResumeStore {
  const records = new Map<string, ResumeRecord>();
  return {
    load: async (key) => records.get(key),
    save: async (key, record) => void records.set(key, record),
    remove: async (key) => void records.delete(key),
  };
}

export function resumeKey(source: Pick<UploadSource, "name" | "size" | "lastModified">): string {
  return JSON.stringify([source.name, source.size, source.lastModified]);
}

export function isSameFile(record: ResumeRecord, source: UploadSource): boolean {
  return (
    record.name === source.name &&
    record.size === source.size &&
    record.lastModified === source.lastModified
  );
}

/** S3's lifecycle ends stale uploads after days; a record older than this leads nowhere. */
export const maxRecordAgeMs = 7 * 24 * 60 * 60 * 1000;

/** A v4 UUID. `crypto.randomUUID` exists only in secure contexts, `getRandomValues` everywhere. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
