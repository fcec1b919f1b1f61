import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { VideoStore } from "../ports.ts";

export interface VideoStoreHarness {
  readonly store: VideoStore;
  /** Records a video of `owner` that is being uploaded; answers its id. */
  addVideo(owner: string, createdAt: Date): Promise<string>;
}

/** What every VideoStore promises, whatever it is made of. */
export const describeVideoStore = (name: string, harness: () => VideoStoreHarness) => {
  describe(`a video store of ${name}`, () => {
    /** Several share a moment, so that the id must decide between them. */
    const addVideos = async (owner: string) => {
      const ids: string[] = [];
      for (let index = 0; index < 7; index += 1) {
        const createdAt = new Date(Date.UTC(2026, 0, 1, 0, 0, 0, Math.floor(index / 3)));
        ids.push(await harness().addVideo(owner, createdAt));
      }
      return ids;
    };
    const idsOf = (records: readonly { readonly videoId: string }[]) =>
      records.map((record) => record.videoId);

    it("pages through all videos of an owner, newest first, each once", async () => {
      // Prepare
      const { store } = harness();
      const owner = randomUUID();
      const ids = await addVideos(owner);
      await addVideos(randomUUID());

      // Act
      const seen = [];
      for (let page = await store.page(owner, 2, undefined); page.length > 0; ) {
        seen.push(...page);
        page = await store.page(owner, 2, page.at(-1));
      }

      // Assess
      expect(idsOf(seen).sort()).toEqual(ids.sort());
      const moments = seen.map((record) => record.createdAt.getTime());
      expect(moments).toEqual(moments.toSorted((a, b) => b - a));
      expect(idsOf(await store.page(owner, 100, undefined))).toHaveLength(7);
    });

    it("finds a video for its owner alone", async () => {
      const { store, addVideo } = harness();
      const createdAt = new Date("2026-01-01T00:00:00.123Z");
      const videoId = await addVideo("owner-1", createdAt);
      expect(await store.find("owner-1", videoId)).toMatchObject({
        ...{ videoId, createdAt },
        status: "uploading",
        dispatch: "pull",
        isPublic: false,
        renditions: [],
        failure: undefined,
      });
      expect(await store.find("owner-2", videoId)).toBeUndefined();
      expect(await store.find("owner-1", randomUUID())).toBeUndefined();
    });

    it("gives a video of its owner another title", async () => {
      const { store, addVideo } = harness();
      const videoId = await addVideo("owner-1", new Date(0));
      expect(await store.rename("owner-1", videoId, "Another")).toBe(true);
      expect(await store.rename("owner-2", videoId, "Mine")).toBe(false);
      expect(await store.rename("owner-1", randomUUID(), "Nothing")).toBe(false);
      expect(await store.find("owner-1", videoId)).toMatchObject({ title: "Another" });
    });

    it("hides a video from the moment its deletion begins until it is forgotten", async () => {
      // Prepare
      const { store, addVideo } = harness();
      const owner = randomUUID();
      const videoId = await addVideo(owner, new Date(0));

      // Act, assess
      expect(await store.beginDeletion("somebody else", videoId)).toBeUndefined();
      await store.remove(videoId);
      expect(await store.find(owner, videoId)).toBeDefined();
      expect(await store.findDeletion(videoId)).toBeUndefined();
      expect(await store.beginDeletion(owner, videoId)).toEqual({ storageId: "storage-1" });
      expect(await store.find(owner, videoId)).toBeUndefined();
      expect(await store.page(owner, 10, undefined)).toEqual([]);
      expect(await store.findDeletion(videoId)).toEqual({ storageId: "storage-1" });
      expect(await store.beginDeletion(owner, videoId)).toEqual({ storageId: "storage-1" });
      await store.remove(videoId);
      expect(await store.beginDeletion(owner, videoId)).toBeUndefined();
    });
  });
};
