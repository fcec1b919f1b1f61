import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListVideosResponse, Video } from "@sluice/contracts";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RawApi } from "./support/api.ts";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { makeClip, run } from "./support/media.ts";
import { SluiceProcess, type WatchEvent } from "./support/sluice-process.ts";

const seconds = 20;
/** Where the segments of such a clip end. */
const ends = [2, 4, 6, 12, 18, 20];

let directory: string;
let sluice: SluiceProcess;
let browser: Browser | undefined;
let film: WatchEvent;
let song: WatchEvent;
let api: RawApi;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-player-"));
  const clip = await makeClip(directory, "clip.mp4", { seconds });
  const cover = join(directory, "cover.jpg");
  const tune = join(directory, "tune.mp3");
  const quiet = ["-nostdin", "-v", "error"];
  const testPicture = ["-f", "lavfi", "-i", "testsrc2=size=500x500"];
  await run("ffmpeg", [...quiet, ...testPicture, "-frames:v", "1", cover]);
  await run("ffmpeg", [
    ...quiet,
    ..."-f lavfi -i sine=frequency=330:duration=9 -i".split(" "),
    ...[cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"],
    ...["-metadata", "title=Evening", tune],
  ]);
  sluice = new SluiceProcess(["--port", "0", "--data-dir", join(directory, "data"), clip, tune]);
  api = new RawApi(await sluice.ready());
  film = await done("clip");
  song = await done("tune");
  if (chromiumPath !== undefined) browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await sluice?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The event of a file that is ready, by its title. */
async function done(title: string): Promise<WatchEvent> {
  const others = new Set<string>();
  for (;;) {
    const event = await sluice.waitFor<WatchEvent>(
      ({ event, videoId }) => event === "done" && !others.has(String(videoId)),
    );
    const { body } = await api.call<Video>("GET", `/videos/${event.videoId}`);
    if (body.title === title) return event;
    others.add(event.videoId);
  }
}

async function open(width = 1280): Promise<{ page: Page; problems: string[] }> {
  if (!browser) throw new Error("There is no Chromium.");
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  return { page, problems };
}

/**
 * Lets the page see a finished film as it was when only `count` segments were made: the real
 * segments, by playlists that end earlier and a library that says so.
 */
async function showAsGrowing(page: Page) {
  const made = { count: 1 };
  const isWhole = () => made.count >= ends.length;
  await page.route("**/index.m3u8", async (route) => {
    const answer = await route.fetch();
    const lines = (await answer.text()).split("\n");
    const last = lines.findLastIndex(
      (line) => line === `${String(made.count - 1).padStart(6, "0")}.m4s`,
    );
    await route.fulfill({
      response: answer,
      headers: { ...answer.headers(), "cache-control": "no-store" },
      body: isWhole() ? lines.join("\n") : `${lines.slice(0, last + 1).join("\n")}\n`,
    });
  });
  await page.route("**/api/videos?*", async (route) => {
    const answer = await route.fetch();
    const list = (await answer.json()) as ListVideosResponse;
    const videos = list.videos.map((video) =>
      isWhole() || video.videoId !== film.videoId
        ? video
        : {
            ...video,
            ...{ status: "transcoding", playableMs: (ends[made.count - 1] ?? 0) * 1_000 },
            ...{ readyAt: undefined, storyboardUrl: undefined },
          },
    );
    await route.fulfill({ response: answer, json: { ...list, videos } });
  });
  return made;
}

const stillTranscoding = "text=Still transcoding. It goes on by itself.";

describe.skipIf(chromiumPath === undefined)("the player", () => {
  test("plays a film slower made than watched from its start to its end, in one go", async () => {
    // Prepare
    const { page, problems } = await open();
    const made = await showAsGrowing(page);
    await page.goto(film.watch);
    await page.waitForSelector("video");
    await page.evaluate(() => {
      const seeks: number[] = [];
      const video = document.querySelector("video");
      video?.addEventListener("seeking", () => seeks.push(video.currentTime));
      Object.assign(globalThis, { seeks });
    });
    await page.evaluate(() => document.querySelector("video")?.play());

    // Act: whenever it has come to the end of what is made, there is one segment more.
    const waitedAt: number[] = [];
    while (made.count < ends.length) {
      await page.waitForSelector(stillTranscoding);
      waitedAt.push(await page.evaluate(() => document.querySelector("video")?.currentTime ?? 0));
      const end = ends[made.count - 1] ?? 0;
      made.count += 1;
      await page.waitForFunction(
        (from) => (document.querySelector("video")?.currentTime ?? 0) > from + 0.5,
        end,
      );
    }
    await page.waitForFunction(() => document.querySelector("video")?.ended);

    // Assess
    const { played, seeks } = await page.evaluate(() => {
      const { played } = document.querySelector("video") ?? {};
      return {
        played: Array.from({ length: played?.length ?? 0 }, (_, index) => [
          played?.start(index) ?? 0,
          played?.end(index) ?? 0,
        ]),
        seeks: (globalThis as unknown as { seeks: number[] }).seeks.filter((at) => at > 0.1),
      };
    });
    expect(seeks).toEqual([]);
    expect(played).toHaveLength(1);
    expect(played[0]?.[0]).toBeLessThan(0.1);
    expect(played[0]?.[1]).toBeGreaterThan(seconds - 0.2);
    waitedAt.forEach((at, index) => {
      expect(Math.abs(at - (ends[index] ?? 0))).toBeLessThan(1);
    });
    expect(problems).toEqual([]);
  });

  test("goes no further than what is made, and says why", async () => {
    const { page, problems } = await open();
    const made = await showAsGrowing(page);
    made.count = 3;
    await page.goto(film.watch);
    await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0);

    await page.keyboard.press("End");

    await page.waitForSelector("text=That part is not transcoded yet.");
    const at = await page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);
    expect(at).toBeGreaterThan(4.5);
    expect(at).toBeLessThan(6.2);
    await page.waitForSelector(stillTranscoding);
    made.count = 6;
    await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 7);
    expect(problems).toEqual([]);
  });

  test.each([1280, 390])(
    "shows the picture of a moment over the bar, by pointer and by keys, at %d pixels",
    async (width) => {
      // Prepare
      const { page, problems } = await open(width);
      const storyboard = page.waitForResponse((answer) => answer.url().includes("storyboard.vtt"));
      await page.goto(film.watch);
      const bar = page.getByRole("slider", { name: "Position" });
      const box = await bar.boundingBox();
      if (!box) throw new Error("There is no bar.");
      await (await storyboard).finished();

      // Act
      const sprites: (string | undefined)[] = [];
      for (const share of [0.05, 0.55, 0.95]) {
        await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
        await page.waitForSelector(".scrub-picture");
        sprites.push(await picture(page));
      }
      await page.mouse.move(10, 10);
      await page.waitForSelector(".scrub-picture", { state: "detached" });
      await bar.focus();
      await page.keyboard.press("ArrowRight");
      await page.waitForSelector(".scrub-picture");

      // Assess
      expect(new Set(sprites).size).toBe(3);
      const preview = await page.locator(".scrub-preview").boundingBox();
      expect(preview?.x).toBeGreaterThanOrEqual(box.x);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      );
      expect(await page.locator(".scrub-preview").boundingBox()).toBeTruthy();
      expect(problems).toEqual([]);
    },
  );

  test("tells what the file says of itself", async () => {
    const { page, problems } = await open();
    await page.goto(film.watch);
    await page.getByText("About the file").click();
    await page.waitForSelector("dd:has-text('640 × 360')");
    const text = await page.locator(".details").innerText();
    expect(text).toMatch(/Codec\s+h264/);
    expect(text).toMatch(/Sample rate\s+48 kHz/);
    expect(problems).toEqual([]);
  });

  test("plays sound alone, with its cover and its title", async () => {
    const { page, problems } = await open();
    await page.goto(song.watch);
    await page.waitForSelector(".sound-card img");
    await page.evaluate(() => document.querySelector("video")?.play());
    await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 1);
    await page.keyboard.press("End");
    await page.waitForFunction(() => document.querySelector("video")?.ended);
    expect(await page.locator(".sound-title").innerText()).toBe("tune");
    const { body } = await api.call<Video>("GET", `/videos/${song.videoId}`);
    expect(body).toMatchObject({
      ...{ status: "ready", durationMs: expect.any(Number) },
      renditions: [{ name: "audio" }],
      metadata: { tags: { title: "Evening" } },
    });
    expect(body.width).toBeUndefined();
    expect(problems).toEqual([]);
  });
});

/** Which cut of which sheet is shown. */
function picture(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const shown = document.querySelector<HTMLElement>(".scrub-picture");
    return shown ? shown.style.backgroundImage + shown.style.backgroundPosition : undefined;
  });
}
