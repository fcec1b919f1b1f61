import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { makeClip, run } from "./support/media.ts";
import { type ReadyEvent, SluiceProcess, type WatchEvent } from "./support/sluice-process.ts";

const seconds = 14;
let directory: string;
let sluice: SluiceProcess;
let ready: ReadyEvent;
let done: WatchEvent;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-journey-"));
  const clip = await makeClip(directory, "clip.mp4", { seconds });
  sluice = new SluiceProcess(["--port", "0", "--data-dir", join(directory, "data"), clip]);
  ready = await sluice.ready();
  done = await sluice.waitFor<WatchEvent>(({ event }) => event === "done" || event === "failed");
});

afterAll(async () => {
  await sluice?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("a file given to the start command", () => {
  test("becomes playable, then ready", () => {
    expect(sluice.events.map(({ event }) => event)).toEqual([
      "ready",
      "uploading",
      "playable",
      "done",
    ]);
  });

  test("decodes from the edge to every frame and sample of the source", async () => {
    const headers = `Cookie: ${done.cookie}\r\n`;
    const report = await run("ffprobe", [
      ..."-v error -of json -count_frames -show_entries stream=codec_type,nb_read_frames,height".split(
        " ",
      ),
      ...["-headers", headers, done.playlist],
    ]);
    const { streams } = JSON.parse(report) as {
      streams: { codec_type: string; nb_read_frames: string; height?: number }[];
    };
    const video = streams.filter(({ codec_type }) => codec_type === "video");
    const audio = streams.filter(({ codec_type }) => codec_type === "audio");

    expect(video.length).toBeGreaterThanOrEqual(3);
    for (const stream of video) expect(Number(stream.nb_read_frames)).toBe(seconds * 30);
    // 48 kHz in frames of 1024 samples; the last one may be padding.
    expect(Number(audio[0]?.nb_read_frames)).toBeGreaterThanOrEqual(
      Math.ceil((seconds * 48_000) / 1024),
    );
    expect(Number(audio[0]?.nb_read_frames)).toBeLessThanOrEqual(
      Math.ceil((seconds * 48_000) / 1024) + 2,
    );
  });

  test("is closed to viewers without its cookies", async () => {
    const answer = await fetch(done.playlist);

    expect(answer.status).toBe(403);
  });

  test.skipIf(chromiumPath === undefined)(
    "plays on the page in Chromium: time advances, the picture shows, seeking works",
    async () => {
      const browser = await launchChromium();
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        const problems: string[] = [];
        page.on("pageerror", (error) => problems.push(error.message));
        await page.goto(done.watch);
        await page.waitForSelector("video");
        await page.evaluate(() => document.querySelector("video")?.play());
        await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 1);
        const brightness = await meanBrightness(page);
        await page.evaluate((to) => {
          const video = document.querySelector("video");
          if (video) video.currentTime = to;
        }, seconds - 4);
        await page.waitForFunction(
          (from) => (document.querySelector("video")?.currentTime ?? 0) > from + 1,
          seconds - 4,
        );

        expect(brightness).toBeGreaterThan(20);
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  test.runIf(chromiumPath === undefined)(
    "decodes with ffmpeg, since there is no Chromium here",
    async () => {
      const report = await run("ffmpeg", [
        ..."-v info -nostdin".split(" "),
        ...["-headers", `Cookie: ${done.cookie}\r\n`, "-i", done.playlist, "-f", "null", "-"],
      ]);

      expect(report).toBe("");
    },
  );

  test("is answered from the edge's cache the second time", async () => {
    const options = { headers: { cookie: done.cookie } };
    await (await fetch(done.playlist, options)).text();

    const again = await fetch(done.playlist, options);

    expect(again.headers.get("x-cache")).toBe("Hit from cloudfront");
    expect(again.headers.get("cache-control")).toContain("immutable");
  });

  test("leaves nothing behind when it is deleted", async () => {
    const authorization = `Bearer ${ready.token}`;
    const address = `${ready.api}/videos/${done.videoId}`;

    const deleted = await fetch(address, { method: "DELETE", headers: { authorization } });
    const gone = await fetch(address, { headers: { authorization } });
    const problem = (await gone.json()) as { code: string };

    expect([deleted.status, gone.status, problem.code]).toEqual([204, 404, "not-found"]);
    expect(await objectsOf(done.videoId)).toEqual([]);
  });
});

async function objectsOf(videoId: string): Promise<string[]> {
  const { ListBucketsCommand, ListObjectsV2Command, S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ ...ready, region: ready.credentials.region, forcePathStyle: true });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const keys = await Promise.all(
    Buckets.map(async ({ Name }) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: Name }));
      return Contents.map(({ Key = "" }) => Key);
    }),
  );
  return keys.flat().filter((key) => key.includes(videoId));
}

function meanBrightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const video = document.querySelector("video");
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 36;
    const context = canvas.getContext("2d");
    if (!video || !context) return 0;
    context.drawImage(video, 0, 0, 64, 36);
    const { data } = context.getImageData(0, 0, 64, 36);
    return (
      data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0) / (64 * 36 * 3)
    );
  });
}
