import { describe, expect, it } from "vitest";
import type { VideoState } from "../ports.ts";
import { startPlayback } from "./start-playback.ts";

const now = new Date("2026-01-01T00:00:00Z");
const playing: VideoState = { status: "transcoding", frontier: 1, planHash: "hash" };

const start = (video: VideoState | undefined, secure = true) => {
  const granted: [string, Date][] = [];
  const ports = {
    videos: { find: async () => video },
    grants: {
      async grant(path: string, expiresAt: Date) {
        granted.push([path, expiresAt]);
        return {
          "CloudFront-Policy": "p",
          "CloudFront-Signature": "s",
          "CloudFront-Key-Pair-Id": "k",
        };
      },
    },
  };
  const command = { owner: "owner-1", videoId: "v1", now, secure };
  return { granted, started: startPlayback(ports, command) };
};

describe("startPlayback", () => {
  it("answers the playlist and grants the video's folder for twelve hours", async () => {
    // Act
    const { granted, started } = start(playing);

    // Assess
    expect((await started).playback).toEqual({
      playlist: "/videos/v1/hash/master.m3u8",
      expiresAt: "2026-01-01T12:00:00.000Z",
    });
    expect(granted).toEqual([["/videos/v1/*", new Date("2026-01-01T12:00:00Z")]]);
  });

  it("sets cookies for that folder alone, out of reach of scripts and other sites", async () => {
    const { cookies } = await start(playing).started;
    const scope = "Path=/videos/v1/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure";
    expect(cookies).toEqual([
      `CloudFront-Policy=p; ${scope}`,
      `CloudFront-Signature=s; ${scope}`,
      `CloudFront-Key-Pair-Id=k; ${scope}`,
    ]);
  });

  it("leaves Secure away from viewers on plain http, who would lose the cookie", async () => {
    const { cookies } = await start(playing, false).started;
    expect(cookies.join()).not.toContain("Secure");
  });

  it("finds no video of others", async () => {
    await expect(start(undefined).started).rejects.toMatchObject({ code: "not-found" });
  });

  it.each<[string, VideoState]>([
    ["without a plan", { ...playing, planHash: undefined }],
    ["before the first segment", { ...playing, frontier: 0 }],
    ["that failed", { ...playing, status: "failed" }],
    ["that is being deleted", { ...playing, status: "deleting" }],
  ])("refuses a video %s", async (_, video) => {
    await expect(start(video).started).rejects.toMatchObject({ code: "not-playable" });
  });
});
