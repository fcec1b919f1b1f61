import { createHash } from "node:crypto";
import type { StoredPart } from "../domain/completion.ts";
import type { SourceStorage } from "../ports.ts";

export interface MemorySourceStorage extends SourceStorage {
  putPart(storageId: string, partNumber: number, bytes: Uint8Array): void;
  /** Multipart uploads that nobody completed or aborted. */
  openCount(): number;
}

/** @param pageSize parts a page, 1,000 at S3 */
export const memorySourceStorage = (pageSize = 1000): MemorySourceStorage => {
  const open = new Map<string, Map<number, StoredPart>>();
  const files = new Map<string, number>();
  let opened = 0;

  return {
    openCount: () => open.size,
    putPart(storageId, partNumber, bytes) {
      const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
      open.get(storageId)?.set(partNumber, { partNumber, etag, size: bytes.length });
    },
    async open(videoId) {
      opened += 1;
      const storageId = `${videoId}-${opened}`;
      open.set(storageId, new Map());
      return storageId;
    },
    async signPart({ videoId, storageId, partNumber, length, expiresInSeconds }) {
      return `https://storage.example/${videoId}/${storageId}/${partNumber}?length=${length}&expires=${expiresInSeconds}`;
    },
    async listParts(_, storageId, after) {
      const held = open.get(storageId);
      if (!held) return undefined;
      const rest = [...held.values()]
        .filter((part) => part.partNumber > after)
        .sort((a, b) => a.partNumber - b.partNumber);
      const parts = rest.slice(0, pageSize);
      return { parts, nextAfter: rest.length > pageSize ? parts.at(-1)?.partNumber : undefined };
    },
    async complete({ videoId, storageId, parts, size }) {
      const held = open.get(storageId);
      if (!held) return files.get(videoId) === size ? "completed" : "gone";
      const same = parts.every((part) => held.get(part.partNumber)?.etag === part.etag);
      if (!same) return "parts-changed";
      open.delete(storageId);
      files.set(videoId, size);
      return "completed";
    },
    async sizeOf(videoId) {
      return files.get(videoId);
    },
    async abort(_, storageId) {
      open.delete(storageId);
    },
  };
};
