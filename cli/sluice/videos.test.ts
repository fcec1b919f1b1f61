import { SluiceApi } from "@sluice/client";
import type { Video } from "@sluice/contracts";
import { describe, expect, test } from "vitest";
import { findVideo } from "./videos.ts";

const web = "http://127.0.0.1:8080";
const { signal } = new AbortController();
const ids = [
  "5f2c1f0e-58a5-4f0e-9a43-3f0b8a1f2c11",
  "5f2cffff-58a5-4f0e-9a43-3f0b8a1f2c12",
  "81aa1f0e-58a5-4f0e-9a43-3f0b8a1f2c13",
] as const;

const video = (videoId: string): Video => ({
  ...{
    videoId,
    title: "Film",
    fileName: "film.mp4",
    status: "ready",
    dispatch: "pull",
    visibility: "private",
  },
  ...{ size: 1, createdAt: "2026-01-01T00:00:00Z", playable: true, playableMs: 1_000 },
  renditions: [],
});

/** A library that answers one video a page. */
const api = new SluiceApi({
  baseUrl: "http://library.test",
  token: async () => "t",
  fetch: async (input) => {
    const url = new URL(String(input));
    const id = /^\/videos\/(.+)$/.exec(url.pathname)?.[1];
    if (id) return Response.json(video(id));
    const at = Number(url.searchParams.get("cursor") ?? 0);
    const next = at + 1 < ids.length ? { nextCursor: String(at + 1) } : {};
    return Response.json({ videos: [video(ids[at] ?? "")], ...next });
  },
});
const find = (given: string) => findVideo({ api, web }, given, signal).then((one) => one.videoId);

describe("a video is found", () => {
  test.each([
    ["its id", ids[0]],
    ["its id in capitals", ids[0].toUpperCase()],
    ["the beginning of its id", "5f2c1"],
    ["the address of its page", `${web}/#/videos/${ids[0]}`],
    ["the beginning of its id in an address", `${web}/#/videos/5f2c1`],
  ])("by %s", async (_, given) => {
    expect(await find(given)).toBe(ids[0]);
  });

  test("on any page of the library", async () => {
    expect(await find("81")).toBe(ids[2]);
  });
});

describe("a video is not found", () => {
  test("when several ids begin like that, and all are named", async () => {
    await expect(find("5f2c")).rejects.toMatchObject({ code: "video-ambiguous" });
    await expect(find("5f2c")).rejects.toThrow(`${ids[0]}, ${ids[1]}`);
  });

  test.each([
    ["0000", "not-found"],
    ["", "invalid-arguments"],
    ["film.mp4", "invalid-arguments"],
    ["../../etc/passwd", "invalid-arguments"],
    [`${"a".repeat(5_000)}`, "invalid-arguments"],
    [`${web}/`, "invalid-arguments"],
    [`https://other.example/#/videos/${ids[0]}`, "invalid-arguments"],
  ])("by %j", async (given, code) => {
    await expect(find(given)).rejects.toMatchObject({ code });
  });
});
