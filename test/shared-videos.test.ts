import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListLinksResponse, PlaybackLink, PublicVideo, Video } from "@sluice/contracts";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RawApi, tokenFor } from "./support/api.ts";
import { chromiumPath, launchChromium } from "./support/chromium.ts";
import { makeClip, run } from "./support/media.ts";
import { type ReadyEvent, SluiceProcess, type WatchEvent } from "./support/sluice-process.ts";

const seconds = 5;
let directory: string;
let dataDir: string;
let sluice: SluiceProcess;
let ready: ReadyEvent;
let videoId: string;
let owner: RawApi;
/** Without a token. */
let anybody: RawApi;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-journey-"));
  dataDir = join(directory, "data");
  const clip = await makeClip(directory, "clip.mp4", { seconds });
  sluice = new SluiceProcess(["--port", "0", "--data-dir", dataDir, clip]);
  ready = await sluice.ready();
  const done = await sluice.waitFor<WatchEvent>(({ event }) => event === "done");
  videoId = done.videoId;
  owner = new RawApi(ready);
  anybody = new RawApi(ready, "");
});
afterAll(async () => {
  await sluice?.stop();
  await rm(directory, { recursive: true, force: true });
});

const makeLink = async (request: object = { expiresInSeconds: 3600 }) =>
  (await owner.call<PlaybackLink>("POST", `/videos/${videoId}/links`, request)).body;
const statusOf = async (path: string) => (await fetch(`${ready.web}${path}`)).status;
const setVisibility = (visibility: string) =>
  owner.call<Video>("PATCH", `/videos/${videoId}`, { visibility });

/** Every frame, by a player that knows nothing but the address. */
async function framesAt(address: string): Promise<number[]> {
  const report = await run("ffprobe", [
    ..."-v error -of json -count_frames -select_streams v".split(" "),
    ...["-show_entries", "stream=nb_read_frames", address],
  ]);
  const { streams } = JSON.parse(report) as { streams: { nb_read_frames: string }[] };
  return streams.map(({ nb_read_frames }) => Number(nb_read_frames));
}

describe("a link", () => {
  test("plays in another player to the last frame, by relative URIs alone, and not once revoked", async () => {
    // Prepare
    const link = await makeLink({ expiresInSeconds: 3600, label: "for Ada" });
    const address = `${ready.web}${link.playlist}`;

    // Act
    const frames = await framesAt(address);

    // Assess
    expect(frames.length).toBeGreaterThanOrEqual(1);
    for (const count of frames) expect(count).toBe(seconds * 30);
    const { body } = await owner.call<ListLinksResponse>("GET", `/videos/${videoId}/links`);
    expect(body.links).toEqual([link]);

    const revocation = `/videos/${videoId}/links/${link.linkId}`;
    expect((await owner.call("DELETE", revocation)).status).toBe(204);
    expect((await owner.call("DELETE", revocation)).status).toBe(204);
    await expect(run("ffprobe", ["-v", "error", address])).rejects.toThrow("403");
    expect(await statusOf(link.playlist)).toBe(403);
  });

  test("opens nothing of another video, and nothing once it has expired", async () => {
    const { playlist } = await makeLink();
    const other = await owner.upload("other.mp4", await readFile(join(directory, "clip.mp4")));
    await owner.settled(other);
    const { body } = await owner.call<PlaybackLink>("POST", `/videos/${other}/links`, {
      expiresInSeconds: 60,
    });

    const swapped = playlist.replace(videoId, other);
    expect(await statusOf(swapped)).toBe(403);
    expect(await statusOf(body.playlist)).toBe(200);
    expect(await statusOf(body.playlist.replace(/\.(\d{10})\./, ".1500000000."))).toBe(403);
    expect((await owner.call("DELETE", `/videos/${other}`)).status).toBe(204);
    // Not "not found": the edge keeps copies of what is gone, and the link no longer opens them.
    expect(await statusOf(body.playlist)).toBe(403);
  });

  test("is the owner's affair alone", async () => {
    const { linkId } = await makeLink();
    const stranger = new RawApi(ready, await tokenFor("stranger", dataDir, ready.web));
    const path = `/videos/${videoId}/links`;

    for (const [who, status] of [
      [stranger, 404],
      [anybody, 401],
    ] as const) {
      expect((await who.call("GET", path)).status).toBe(status);
      expect((await who.call("POST", path, { expiresInSeconds: 60 })).status).toBe(status);
      expect((await who.call("DELETE", `${path}/${linkId}`)).status).toBe(status);
    }
    expect(
      (await stranger.call("PATCH", `/videos/${videoId}`, { visibility: "public" })).status,
    ).toBe(404);
  });
});

describe("a public video", () => {
  const shown = () => anybody.call<PublicVideo>("GET", `/public/videos/${videoId}`);

  test("is everybody's from the moment it is public to the moment it is private", async () => {
    // Prepare
    expect((await shown()).status).toBe(404);

    // Act
    const { body: video } = await setVisibility("public");

    // Assess
    expect(video.visibility).toBe("public");
    const { body, status } = await shown();
    expect([status, body.title, body.playable]).toEqual([200, "clip", true]);
    expect(await framesAt(`${ready.web}${body.playlist}`)).toContain(seconds * 30);
    expect(await statusOf(body.posterUrl ?? "")).toBe(200);
    expect((await setVisibility("private")).body.visibility).toBe("private");
    expect((await shown()).status).toBe(404);
    expect(await statusOf(body.playlist ?? "")).toBe(403);
    expect(await statusOf(body.posterUrl ?? "")).toBe(403);

    await setVisibility("public");
    const again = (await shown()).body;
    expect(await statusOf(again.playlist ?? "")).toBe(200);
    expect(await statusOf(body.playlist ?? "")).toBe(403);
  });

  test("has an address for players that never ends, and leads to the one of the day", async () => {
    await setVisibility("public");

    const address = `${ready.api}/public/videos/${videoId}/master.m3u8`;

    expect(await framesAt(address)).toContain(seconds * 30);
    await setVisibility("private");
    expect((await fetch(address)).status).toBe(404);
    await expect(run("ffprobe", ["-v", "error", address])).rejects.toThrow("404");
  });

  test("may get another title, by its owner", async () => {
    const { body } = await owner.call<Video>("PATCH", `/videos/${videoId}`, { title: "Renamed" });

    expect(body.title).toBe("Renamed");
    expect((await owner.call("PATCH", `/videos/${videoId}`, {})).status).toBe(400);
    await owner.call("PATCH", `/videos/${videoId}`, { title: "clip" });
  });

  test.skipIf(chromiumPath === undefined)(
    "plays on any page, by hls.js, without token or cookie",
    async () => {
      // Prepare
      await setVisibility("public");
      const page = await blogPage();
      const browser = await launchChromium();
      try {
        // Act
        const tab = await browser.newPage();
        await tab.goto(
          `${page.url}/?video=${ready.api}/public/videos/${videoId}&edge=${ready.web}`,
        );

        // Assess
        await tab.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.5);
        expect(
          await tab.evaluate(() => document.querySelector("video")?.videoWidth),
        ).toBeGreaterThan(0);
        expect(await tab.context().cookies()).toEqual([]);
      } finally {
        await browser.close();
        await page.close();
      }
    },
  );
});

describe.skipIf(chromiumPath === undefined)("the page", () => {
  /** Opens the video as somebody whom `/config.json` describes. */
  async function asVisitor(identity: object, use: (page: Page) => Promise<void>) {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.route("**/config.json", (route) =>
        route.fulfill({ json: { api: "/api", identity } }),
      );
      // Where the issuer would ask for a name; on loopback, since the page connects nowhere else here.
      await page.route("http://127.0.0.1:65001/**", (route) =>
        route.request().url().includes("openid-configuration")
          ? route.fulfill({
              headers: { "access-control-allow-origin": "*" },
              json: {
                authorization_endpoint: "http://127.0.0.1:65001/sign-in",
                token_endpoint: "http://127.0.0.1:65001/token",
              },
            })
          : route.fulfill({ body: "Sign in" }),
      );
      await page.goto(`${ready.web}/#/videos/${videoId}`);
      await use(page);
    } finally {
      await browser.close();
    }
  }
  const stranger = async () => ({
    kind: "local",
    token: await tokenFor("stranger", dataDir, ready.web),
  });
  const nobody = { kind: "oidc", issuer: "http://127.0.0.1:65001", clientId: "page" };
  const plays = async (page: Page) => {
    await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.5);
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.getByRole("button", { name: /Delete|Share/ }).count()).toBe(0);
  };

  test("plays a public video to other people, and to who is not signed in", async () => {
    await setVisibility("public");

    await asVisitor(await stranger(), plays);
    await asVisitor(nobody, plays);
  });

  test("shows a private one to nobody else, and lets them sign in", async () => {
    await setVisibility("private");

    await asVisitor(await stranger(), async (page) => {
      await page.getByText("There is no such video, or it is private.").waitFor();
    });
    await asVisitor(nobody, (page) => page.waitForURL("http://127.0.0.1:65001/sign-in**"));
  });

  test("makes, copies and revokes a link", async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${ready.web}/#/videos/${videoId}`);
      await page.getByRole("button", { name: "Share" }).click();
      await page.getByLabel("For whom (optional)").fill("the test");
      await page.getByRole("button", { name: "Copy a new link" }).click();

      const address = await page.getByLabel("Address of the test").inputValue();
      expect((await fetch(address)).status).toBe(200);
      await page.getByRole("button", { name: "Revoke the test" }).click();
      await page.getByLabel("Address of the test").waitFor({ state: "detached" });
      expect((await fetch(address)).status).toBe(403);
      await page.getByRole("switch", { name: "Public" }).click();
      await page.getByLabel("Address of the page").waitFor();
      expect((await anybody.call("GET", `/public/videos/${videoId}`)).status).toBe(200);
    } finally {
      await browser.close();
    }
  });
});

test("what is public, made or revoked is so after a restart", async () => {
  // Prepare
  await setVisibility("public");
  const [kept, revoked] = [await makeLink(), await makeLink()];
  await owner.call("DELETE", `/videos/${videoId}/links/${revoked.linkId}`);
  await sluice.stop();

  // Act
  sluice = new SluiceProcess(["--port", "0", "--data-dir", dataDir]);
  ready = await sluice.ready();
  owner = new RawApi(ready);
  anybody = new RawApi(ready, "");

  // Assess
  expect(await statusOf(kept.playlist)).toBe(200);
  expect(await statusOf(revoked.playlist)).toBe(403);
  expect((await anybody.call("GET", `/public/videos/${videoId}`)).status).toBe(200);
});

/** Somebody else's page, of another origin than the edge. */
async function blogPage(): Promise<{ url: string; close(): Promise<void> }> {
  const hls = await readFile(new URL(import.meta.resolve("hls.js/dist/hls.min.js")));
  const html = `<!doctype html><video muted></video><script src="/hls.js"></script><script>
    const asked = new URLSearchParams(location.search);
    fetch(asked.get("video")).then((answer) => answer.json()).then(({ playlist }) => {
      const hls = new Hls();
      hls.loadSource(asked.get("edge") + playlist);
      hls.attachMedia(document.querySelector("video"));
      document.querySelector("video").play();
    });
  </script>`;
  const server: Server = createServer((request, response) => {
    const isScript = request.url === "/hls.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? hls : html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // Another name than the edge's, so that it is another site too.
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
