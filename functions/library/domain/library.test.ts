import { listVideosResponseSchema, videoSchema } from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PosterSigner, VideoRecord } from "../ports.ts";
import { memoryVideoStore } from "../testing/memory-video-store.ts";
import { describeVideoStore } from "../testing/video-store-contract.ts";
import { getVideo, listVideos } from "./browse-videos.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { deleteVideo } from "./delete-video.ts";
import { posterExpiry, viewOf } from "./video-view.ts";

const now = new Date("2026-01-01T10:20:30Z");
const posters: PosterSigner = {
  signedPath: async (path, expiresAt) => `${path}?until=${expiresAt.toISOString()}`,
};

const memory = memoryVideoStore();
describeVideoStore("memory", () => memory);

describe("listing videos", () => {
  it("hands out pages that together are the library, and no cursor after the last", async () => {
    // Prepare
    const { store, addVideo } = memoryVideoStore();
    for (let index = 0; index < 5; index += 1) await addVideo("owner-1", new Date(index));

    // Act
    const first = await listVideos({ store, posters }, { owner: "owner-1", limit: 3, now });
    const second = await listVideos(
      { store, posters },
      { owner: "owner-1", limit: 3, now, cursor: first.nextCursor },
    );

    // Assess
    expect([...first.videos, ...second.videos].map((video) => Date.parse(video.createdAt))).toEqual(
      [4, 3, 2, 1, 0],
    );
    expect(second.nextCursor).toBeUndefined();
    expect(listVideosResponseSchema.safeParse(first).success).toBe(true);
  });

  it("gives no cursor when the library ends with the page", async () => {
    const { store, addVideo } = memoryVideoStore();
    await addVideo("owner-1", new Date(0));
    const page = await listVideos({ store, posters }, { owner: "owner-1", limit: 1, now });
    expect(page).toMatchObject({ videos: [{ title: "Film" }] });
    expect(page.nextCursor).toBeUndefined();
  });
});

describe("a cursor", () => {
  it("reads as it was written", () => {
    const moment = fc.date({ min: new Date(0), max: new Date(8.64e15), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.uuid(), (createdAt, videoId) => {
        const cursor = writeCursor({ createdAt, videoId });
        expect(cursor).toMatch(/^[\w-]{1,200}$/);
        expect(readCursor(cursor)).toEqual({ createdAt, videoId });
      }),
    );
  });

  it("is refused when it is anything else", () => {
    const refused = expect.objectContaining({ code: "invalid-request" });
    const ours = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const cursor of ["", "x", ours(1), ours([1]), ours([1, "' OR 1=1"]), ours([1e16, "a"])]) {
      expect(() => readCursor(cursor)).toThrow(refused);
    }
    fc.assert(
      fc.property(fc.string(), (text) => void expect(() => readCursor(text)).toThrow(refused)),
    );
  });
});

describe("a video as it is shown", () => {
  const record: VideoRecord = {
    videoId: "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11",
    title: "Film",
    fileName: "film.mp4",
    status: "transcoding",
    dispatch: "push",
    isPublic: false,
    size: 10,
    createdAt: now,
    readyAt: undefined,
    durationMs: 60_000,
    width: 1920,
    height: 1080,
    planHash: "hash",
    frontier: 2,
    playableMs: 4_000,
    hasPoster: true,
    hasStoryboard: true,
    renditions: [{ name: "audio", segmentsDone: 2, segmentsTotal: 10 }],
    failure: undefined,
    metadata: { container: "mov", streams: [], chapters: [], tags: { title: "Film" } },
  };

  it("tells how far it can be played while it is still being made", async () => {
    const view = await viewOf(record, posters, now);
    expect(videoSchema.parse(view)).toEqual(view);
    expect(view).toMatchObject({
      playable: true,
      playableMs: 4_000,
      posterUrl: `/videos/${record.videoId}/hash/poster.jpg?until=2026-01-01T12:00:00.000Z`,
      storyboardUrl: `/videos/${record.videoId}/hash/storyboard.vtt`,
      metadata: { tags: { title: "Film" } },
      renditions: [{ name: "audio", segmentsDone: 2, segmentsTotal: 10 }],
    });
  });

  it("tells why it failed, and cannot be played then", async () => {
    const failure = { code: "too-long", message: "The video is too long." };
    const view = await viewOf({ ...record, status: "failed", failure }, posters, now);
    expect(view).toMatchObject({ playable: false, playableMs: 0, failure });
  });

  it("keeps one poster link for an hour, which lives at least another", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        (moment) => {
          const left = posterExpiry(moment).getTime() - moment.getTime();
          expect(left).toBeGreaterThan(3_600_000);
          expect(left).toBeLessThanOrEqual(7_200_000);
          const hour = new Date(Math.floor(moment.getTime() / 3_600_000) * 3_600_000);
          expect(posterExpiry(hour)).toEqual(posterExpiry(moment));
        },
      ),
    );
  });
});

describe("deleting a video", () => {
  const library = async () => {
    const { store, addVideo } = memoryVideoStore();
    const videoId = await addVideo("owner-1", now);
    const calls: string[] = [];
    const storage = {
      abortUpload: async (_: string, storageId: string) => void calls.push(`abort ${storageId}`),
      removeSource: async () => void calls.push("source"),
      removeMedia: async () => void calls.push("media"),
    };
    const links = { revokeAll: async () => void calls.push("links") };
    return { store, storage, links, calls, videoId };
  };

  it("removes upload, source, media and at last the row", async () => {
    const { store, storage, links, calls, videoId } = await library();
    await deleteVideo({ store, storage, links }, { owner: "owner-1", videoId });
    expect(calls).toEqual(["links", "abort storage-1", "source", "media"]);
    await expect(
      deleteVideo({ store, storage, links }, { owner: "owner-1", videoId }),
    ).rejects.toMatchObject({ code: "not-found" });
  });

  it("is finished by a repeat when it was cut off, and shows nothing in between", async () => {
    // Prepare
    const { store, storage, links, calls, videoId } = await library();
    const { removeMedia } = storage;
    storage.removeMedia = () => Promise.reject(new Error("cut off"));
    await expect(
      deleteVideo({ store, storage, links }, { owner: "owner-1", videoId }),
    ).rejects.toThrow();
    await expect(
      getVideo({ store, posters }, { owner: "owner-1", videoId, now }),
    ).rejects.toMatchObject({ code: "not-found" });
    storage.removeMedia = removeMedia;

    // Act
    await deleteVideo({ store, storage, links }, { owner: "owner-1", videoId });

    // Assess
    expect(calls).toContain("media");
    expect(await store.beginDeletion("owner-1", videoId)).toBeUndefined();
  });

  it("touches nothing of somebody else's", async () => {
    const { store, storage, links, calls, videoId } = await library();
    await expect(
      deleteVideo({ store, storage, links }, { owner: "owner-2", videoId }),
    ).rejects.toMatchObject({ code: "not-found" });
    expect(calls).toEqual([]);
    expect(await store.find("owner-1", videoId)).toBeDefined();
  });
});
