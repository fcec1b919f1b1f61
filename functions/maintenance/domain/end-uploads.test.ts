import { describe, expect, it } from "vitest";
import { silentLog } from "../../transcode/testing/memory-pipeline.ts";
import { memorySourceStorage } from "../../upload/testing/memory-source-storage.ts";
import { memoryUploadStore } from "../../upload/testing/memory-upload-store.ts";
import { newUpload } from "../../upload/testing/upload-store-contract.ts";
import type { SweepStore } from "../ports.ts";
import { endUploads } from "./end-uploads.ts";

const hour = 60 * 60_000;
const day = 24 * hour;
const activeAt = new Date("2026-01-01T00:00:00Z");
const file = new Uint8Array(10);

/** An upload with all its parts, which nobody goes on with. */
const open = async (completedParts?: string) => {
  const [store, storage] = [memoryUploadStore(), memorySourceStorage()];
  const { uploadId, videoId, owner } = newUpload();
  await store.create(newUpload({ uploadId, videoId, owner, size: file.length }));
  const storageId = await storage.open(videoId, undefined);
  await store.attachStorage(uploadId, storageId);
  storage.putPart(storageId, 1, file);
  if (completedParts) await store.intendCompletion(uploadId, completedParts);
  const sweep: SweepStore = {
    takeStuck: async () => [],
    takeSilent: async () => [],
    signsOf: async (video) => ({ ...video, lastSign: undefined, unfinished: [] }),
    takeIdle: async () => [{ uploadId, videoId, storageId, completedParts, activeAt }],
  };
  const rule = endUploads({ sweep, store, storage, staleMs: 7 * day });
  return {
    storage,
    upload: () => store.find(owner, uploadId),
    /** As a completion does at the store, before it tells the database. */
    async arrive() {
      const parts = (await storage.listParts(videoId, storageId, 0))?.parts ?? [];
      await storage.complete({ videoId, storageId, parts, size: file.length });
    },
    async run(ms: number) {
      const now = new Date(activeAt.getTime() + ms);
      for (const finding of await rule.find(now, 50)) await finding.mend(silentLog);
    },
  };
};

describe("an upload that nobody goes on with", () => {
  it("is ended when it is stale, with its parts", async () => {
    const { run, storage, upload } = await open();
    for (let time = 0; time < 2; time += 1) await run(8 * day);
    expect(await upload()).toMatchObject({ state: "aborted" });
    expect(storage.openCount()).toBe(0);
  });

  it.each([2 * hour, 8 * day])(
    "is finished when its completion had won, %i ms later",
    async (ms) => {
      const { run, upload, arrive } = await open("parts");
      await arrive();
      await run(ms);
      expect(await upload()).toMatchObject({ state: "completed", completedParts: "parts" });
    },
  );

  it("is left open when its completion had not won, so that it can be repeated", async () => {
    const { run, storage, upload } = await open("parts");
    await run(2 * hour);
    expect(await upload()).toMatchObject({ state: "open" });
    expect(storage.openCount()).toBe(1);
  });
});
