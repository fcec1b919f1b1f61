import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { NewUpload, UploadStore } from "../ports.ts";

export const newUpload = (changes: Partial<NewUpload> = {}): NewUpload => ({
  uploadId: randomUUID(),
  videoId: randomUUID(),
  owner: "owner-1",
  title: "A film's title; with :colons and ünïcode 🎬",
  fileName: "film.mp4",
  size: 5_000_000_000_000,
  partSize: 536_870_912,
  dispatch: "pull",
  idempotencyKey: randomUUID(),
  requestHash: "hash",
  correlationId: "correlation-1",
  ...changes,
});

/** What every UploadStore promises, whatever it is made of. */
export const describeUploadStore = (name: string, open: () => UploadStore) => {
  describe(`an upload store of ${name}`, () => {
    it("finds what it recorded, for its owner alone", async () => {
      // Prepare
      const store = open();
      const upload = newUpload();

      // Act
      const recorded = await store.create(upload);

      // Assess
      const { uploadId, videoId, size, partSize, requestHash } = upload;
      expect(recorded).toMatchObject({
        ...{ uploadId, videoId, size, partSize, requestHash },
        state: "open",
        storageId: undefined,
        completedParts: undefined,
      });
      expect(await store.find("owner-1", uploadId)).toMatchObject({ uploadId, size });
      expect(await store.find("owner-2", uploadId)).toBeUndefined();
      expect(await store.find("owner-1", randomUUID())).toBeUndefined();
    });

    it("answers the first upload to every repeat of its key, also at the same time", async () => {
      // Prepare
      const store = open();
      const idempotencyKey = randomUUID();
      const attempts = Array.from({ length: 4 }, () => newUpload({ idempotencyKey }));

      // Act
      const answers = await Promise.all(attempts.map((attempt) => store.create(attempt)));

      // Assess
      const ids = new Set(answers.map((answer) => answer.uploadId));
      expect(ids.size).toBe(1);
      const [winner = ""] = ids;
      for (const { uploadId } of attempts) {
        expect((await store.find("owner-1", uploadId)) !== undefined).toBe(uploadId === winner);
      }
    });

    it("keeps the keys of two owners apart", async () => {
      const store = open();
      const idempotencyKey = randomUUID();
      const first = await store.create(newUpload({ idempotencyKey }));
      const second = await store.create(newUpload({ idempotencyKey, owner: "owner-2" }));
      expect(second.uploadId).not.toBe(first.uploadId);
    });

    it("lets the first storage id stand", async () => {
      const store = open();
      const { uploadId } = await store.create(newUpload());
      expect(await store.attachStorage(uploadId, "s1")).toBe("s1");
      expect(await store.attachStorage(uploadId, "s2")).toBe("s1");
      expect(await store.attachStorage(randomUUID(), "s3")).toBeUndefined();
      expect((await store.find("owner-1", uploadId))?.storageId).toBe("s1");
    });

    it("closes an upload once, and changes nothing of it after", async () => {
      // Prepare
      const store = open();
      const { uploadId } = await store.create(newUpload());

      // Act
      await store.intendCompletion(uploadId, "intended");
      expect(await store.find("owner-1", uploadId)).toMatchObject({
        state: "open",
        completedParts: "intended",
      });
      await store.markCompleted(uploadId, "first", 1);
      await store.markCompleted(uploadId, "second", 2);
      await store.intendCompletion(uploadId, "third");
      await store.markAborted(uploadId);

      // Assess
      expect(await store.find("owner-1", uploadId)).toMatchObject({
        state: "completed",
        completedParts: "first",
        size: 1,
      });
    });

    it("learns the size of an upload at its end when nobody knew it at its beginning", async () => {
      // Prepare
      const store = open();
      const { uploadId, size } = await store.create(newUpload({ size: undefined }));

      // Act
      await store.markCompleted(uploadId, "parts", 4_000_000_000);

      // Assess
      expect(size).toBeUndefined();
      expect((await store.find("owner-1", uploadId))?.size).toBe(4_000_000_000);
    });

    it("remembers an upload that was given up, and takes nothing for it any more", async () => {
      // Prepare
      const store = open();
      const upload = newUpload();
      await store.create(upload);

      // Act
      await store.markAborted(upload.uploadId);
      await store.markAborted(upload.uploadId);
      await store.markCompleted(upload.uploadId, "parts", 1);

      // Assess
      expect(await store.attachStorage(upload.uploadId, "s1")).toBeUndefined();
      const again = await store.create({ ...upload, uploadId: randomUUID() });
      expect(again).toMatchObject({ uploadId: upload.uploadId, state: "aborted" });
    });
  });
};
