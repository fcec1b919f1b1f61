import { randomUUID } from "node:crypto";
import { MiB } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import type { SourceStorage } from "../ports.ts";

export interface SourceStorageHarness {
  readonly storage: SourceStorage;
  putPart(
    upload: { readonly videoId: string; readonly storageId: string },
    partNumber: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void>;
}

/** What every SourceStorage promises, whatever it is made of. */
export const describeSourceStorage = (name: string, harness: () => SourceStorageHarness) => {
  describe(`a source storage of ${name}`, () => {
    const big = Buffer.alloc(5 * MiB, "a");
    const small = Buffer.from("the rest");
    const size = big.length + small.length;

    const openUpload = async () => {
      const { storage } = harness();
      const videoId = randomUUID();
      return { videoId, storageId: await storage.open(videoId, "video/mp4") };
    };
    const uploadWithParts = async () => {
      const upload = await openUpload();
      await harness().putPart(upload, 2, small);
      await harness().putPart(upload, 1, big);
      const page = await harness().storage.listParts(upload.videoId, upload.storageId, 0);
      return { ...upload, size, parts: page?.parts ?? [] };
    };

    it("lists parts in order, from any part on", async () => {
      const { videoId, storageId, parts } = await uploadWithParts();
      expect(parts.map((part) => [part.partNumber, part.size])).toEqual([
        [1, big.length],
        [2, small.length],
      ]);
      const rest = await harness().storage.listParts(videoId, storageId, 1);
      expect(rest).toEqual({ parts: parts.slice(1), nextAfter: undefined });
    });

    it("makes the parts one file, and says so again when asked again", async () => {
      // Prepare
      const upload = await uploadWithParts();
      const { storage } = harness();
      expect(await storage.sizeOf(upload.videoId)).toBeUndefined();

      // Act, assess
      expect(await storage.complete(upload)).toBe("completed");
      expect(await storage.complete(upload)).toBe("completed");
      expect(await storage.sizeOf(upload.videoId)).toBe(size);
      expect(await storage.listParts(upload.videoId, upload.storageId, 0)).toBeUndefined();
    });

    it("lets many completions at once all succeed", async () => {
      const upload = await uploadWithParts();
      const { storage } = harness();
      const outcomes = await Promise.all([1, 2, 3].map(() => storage.complete(upload)));
      expect(outcomes).toEqual(["completed", "completed", "completed"]);
    });

    it("refuses parts that were sent again after they were listed", async () => {
      const upload = await uploadWithParts();
      await harness().putPart(upload, 2, Buffer.from("THE REST"));
      expect(await harness().storage.complete(upload)).toBe("parts-changed");
      expect(await harness().storage.sizeOf(upload.videoId)).toBeUndefined();
    });

    it("forgets what was aborted, however often", async () => {
      const upload = await uploadWithParts();
      const { storage } = harness();
      await storage.abort(upload.videoId, upload.storageId);
      await storage.abort(upload.videoId, upload.storageId);
      expect(await storage.listParts(upload.videoId, upload.storageId, 0)).toBeUndefined();
      expect(await storage.complete(upload)).toBe("gone");
    });
  });
};
