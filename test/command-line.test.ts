import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { videoSchema } from "@sluice/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { RawApi } from "./support/api.ts";
import { sluice as command, type Running, sluiceScript } from "./support/command.ts";
import { makeClip, run } from "./support/media.ts";
import { type ReadyEvent, SluiceProcess } from "./support/sluice-process.ts";

let directory: string;
let sluice: SluiceProcess;
let ready: ReadyEvent;
let api: RawApi;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-command-"));
  await mkdir(join(directory, "holiday", "day two"), { recursive: true });
  const clip = await makeClip(directory, "first.mp4", { seconds: 2 });
  await makeClip(directory, "holiday/a.mp4", { seconds: 2 });
  await makeClip(directory, "holiday/day two/b.mkv", { seconds: 2 });
  await writeFile(join(directory, "holiday", "notes.txt"), "no film");
  await writeFile(join(directory, "empty.mp4"), "");
  sluice = new SluiceProcess(["--port", "0", "--data-dir", join(directory, "data"), clip]);
  ready = await sluice.ready();
  api = new RawApi(ready);
  env = { SLUICE_URL: ready.web, XDG_STATE_HOME: join(directory, "state") };
  await sluice.waitFor(({ event }) => event === "done");
});

afterAll(async () => {
  await sluice?.stop();
  await rm(directory, { recursive: true, force: true });
});

const start = (...args: string[]): Running => command(args, { env, cwd: directory });
const finish = (...args: string[]) => start(...args).finished;

const watchable = { videoId: z.uuid(), watch: z.url(), ms: z.int(), file: z.string() };
const playable = { ...watchable, playlist: z.url(), cookie: z.string().regex(/^CloudFront-/) };
const uploadLine = z.discriminatedUnion("event", [
  z.strictObject({ event: z.literal("uploading"), ...watchable }),
  z.strictObject({ event: z.literal("uploaded"), ...watchable }),
  z.strictObject({ event: z.literal("playable"), ...playable }),
  z.strictObject({ event: z.literal("done"), ...playable }),
  z.strictObject({
    event: z.literal("failed"),
    ...{ code: z.string(), message: z.string().min(10), ms: z.int(), file: z.string() },
    videoId: z.uuid().optional(),
  }),
]);
const errorLine = (code: string) => ({
  event: "error",
  code,
  message: expect.stringMatching(/\w/),
});

/** A file that takes a while to send, and no space. */
async function largeFile(name: string, megabytes: number): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, "");
  await truncate(path, megabytes * 1e6);
  return path;
}

describe("upload", () => {
  test("of a folder sends its media files and follows each until it is ready", async () => {
    const { code, lines } = await finish("upload", "holiday", "--json");

    const events = lines.map((line) => uploadLine.parse(line));
    expect(code).toBe(0);
    for (const file of ["holiday/a.mp4", "holiday/day two/b.mkv"]) {
      const kinds = events.filter((line) => line.file === file).map(({ event }) => event);
      expect(kinds).toEqual(["uploading", "playable", "done"]);
    }
    expect(events).toHaveLength(6);
  });

  test("of standard input plays to its last frame", async () => {
    const upload = start(
      "upload",
      "-",
      "--name",
      "x.mkv",
      "--title",
      "Piped",
      "--json",
      "--wait=ready",
    );
    const ffmpeg = spawn(process.env.SLUICE_FFMPEG ?? "ffmpeg", [
      ..."-nostdin -loglevel error -f lavfi -i testsrc2=size=320x180:rate=30:duration=4".split(" "),
      ..."-c:v libx264 -preset ultrafast -pix_fmt yuv420p -f matroska pipe:1".split(" "),
    ]);
    ffmpeg.stdout.pipe(upload.stdin);

    const { code, lines } = await upload.finished;
    const done = z.object(playable).parse(lines.at(-1));
    const report = await run("ffprobe", [
      ..."-v error -of json -count_frames -select_streams v:0 -show_entries stream=nb_read_frames".split(
        " ",
      ),
      ...["-headers", `Cookie: ${done.cookie}\r\n`, done.playlist],
    ]);

    expect(code).toBe(0);
    expect(lines.map(({ event }) => event)).toEqual(["uploading", "playable", "done"]);
    expect(report).toContain('"nb_read_frames": "120"');
    const { body } = await api.call<unknown>("GET", `/videos/${done.videoId}`);
    expect(body).toMatchObject({ title: "Piped", fileName: "x.mkv", size: expect.any(Number) });
  });

  test("--no-wait ends when everything is uploaded; --wait=playable when it can be watched", async () => {
    const uploaded = await finish("upload", "first.mp4", "--no-wait", "--json");
    const watched = await finish("upload", "first.mp4", "--wait=playable", "--json");

    expect(uploaded.lines.map(({ event }) => event)).toEqual(["uploading", "uploaded"]);
    expect(watched.lines.map(({ event }) => event)).toEqual(["uploading", "playable"]);
  });

  test("tells a person where to watch, in plain lines where there is no terminal", async () => {
    const { code, stdout } = await finish("upload", "first.mp4");

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^first\.mp4 is ready, after [\d.]+ s: http:\S+\/#\/videos\/[\da-f-]{36}$/m,
    );
    expect(stdout).not.toContain("\u001b");
  });

  test("of a file that is no film fails with the reason, beside one that is", async () => {
    await writeFile(join(directory, "diary.mp4"), "Dear diary.\n".repeat(1_000));

    const { code, lines } = await finish("upload", "diary.mp4", "empty.mp4", "first.mp4", "--json");

    const last = (file: string) => lines.findLast((line) => line.file === file);
    expect(code).toBe(1);
    expect(uploadLine.parse(last("diary.mp4"))).toMatchObject({
      event: "failed",
      videoId: expect.any(String),
    });
    expect(uploadLine.parse(last("empty.mp4"))).toMatchObject({
      event: "failed",
      code: "file-empty",
    });
    expect(last("first.mp4")?.event).toBe("done");
  });

  test("of a file that changes meanwhile fails, and leaves nothing", async () => {
    const path = await largeFile("growing.mp4", 60);
    const upload = start("upload", "growing.mp4", "--json");
    const { videoId } = await upload.event("uploading");
    await appendFile(path, "more");

    const { code, lines } = await upload.finished;

    expect(code).toBe(1);
    expect(uploadLine.parse(lines.at(-1))).toMatchObject({
      event: "failed",
      code: "source-changed",
    });
    expect((await finish("status", String(videoId))).code).toBe(4);
  });

  test.each([
    ["a file that is not there", ["upload", "missing.mp4"], "file-unreadable"],
    ["a folder without films", ["upload", "data/logs"], "nothing-to-upload"],
    ["an unknown verb", ["uplaod", "first.mp4"], "invalid-arguments"],
    ["an unknown flag", ["upload", "first.mp4", "--tilte", "x"], "invalid-arguments"],
    [
      "one title for two",
      ["upload", "first.mp4", "holiday/a.mp4", "--title", "x"],
      "invalid-arguments",
    ],
    ["a name for a file", ["upload", "first.mp4", "--name", "x"], "invalid-arguments"],
    ["standard input twice", ["upload", "-", "-"], "invalid-arguments"],
  ])("%s is refused before anything is sent", async (_, args, code) => {
    expect(await finish(...args, "--json")).toMatchObject({ code: 2, lines: [errorLine(code)] });
  });
});

describe("an upload that was interrupted", () => {
  test("can go on, says how, and can be given up by its file", async () => {
    await largeFile("long.mp4", 400);
    const upload = start("upload", "long.mp4", "--json");
    const { videoId } = await upload.event("uploading");
    upload.kill("SIGINT");
    const interrupted = await upload.finished;
    const status = await finish("status", String(videoId), "--json");

    const canceled = await finish("cancel", "long.mp4", "--json");
    const after = await finish("status", String(videoId));

    expect(interrupted.code).toBe(130);
    expect(status.lines[0]).toMatchObject({ status: "uploading" });
    expect(canceled).toMatchObject({
      code: 0,
      lines: [{ event: "canceled", videoId, fileName: "long.mp4" }],
    });
    expect(after.code).toBe(4);
  });

  test("is told to a person, and --all gives it up", async () => {
    await largeFile("longer.mp4", 400);
    const upload = start("upload", "longer.mp4", "--wait=ready");
    await upload.printed(/longer\.mp4: uploading [1-9]0%/);
    upload.kill("SIGINT");

    const { code, stderr } = await upload.finished;
    const canceled = await finish("cancel", "--all");

    expect(code).toBe(130);
    expect(stderr).toContain("Give the same command again");
    expect(canceled.stdout).toContain("The upload of longer.mp4 was given up.");
    expect((await finish("cancel", "--all")).stderr).toContain("no unfinished uploads");
  });

  test("of another machine is given up by its id", async () => {
    const { videoId } = await api.create("elsewhere.mp4", 100, randomUUID());

    expect(await finish("cancel", videoId.slice(0, 12), "--json")).toMatchObject({
      code: 0,
      lines: [{ event: "canceled", videoId }],
    });
  });

  test("is told apart from one that is whole", async () => {
    const { lines } = await finish("list", "--json", "--limit", "1");

    const answer = await finish("cancel", String(lines[0]?.videoId), "--json");

    expect(answer).toMatchObject({ code: 1, lines: [errorLine("upload-completed")] });
  });

  test("of standard input is ended, since it could not go on", async () => {
    const upload = start("upload", "-", "--name", "endless.mkv", "--json");
    upload.stdin.write("the beginning");
    const { videoId } = await upload.event("uploading");
    upload.kill("SIGINT");

    const { code } = await upload.finished;

    expect(code).toBe(130);
    expect((await finish("status", String(videoId))).code).toBe(4);
  });
});

describe("list, status and watch", () => {
  const videoLine = videoSchema.extend({ event: z.literal("video") });
  const pageLine = z.strictObject({ event: z.literal("page"), nextCursor: z.string() });

  test("list goes through the library page by page", async () => {
    const first = await finish("list", "--limit", "2", "--json");
    const page = pageLine.parse(first.lines[2]);
    const second = await finish("list", "--limit", "1", "--cursor", page.nextCursor, "--json");
    const all = await finish("list", "--all", "--json");

    const ids = [...first.lines.slice(0, 2), ...second.lines.slice(0, 1)].map(
      (line) => videoLine.parse(line).videoId,
    );
    expect(new Set(ids).size).toBe(3);
    expect(all.lines.slice(0, 3).map((line) => videoLine.parse(line).videoId)).toEqual(ids);
  });

  test("list shows a table, and where to go on", async () => {
    const { stdout, stderr } = await finish("list", "--limit", "1");

    expect(stdout).toMatch(/^ID +TITLE +STATUS +LENGTH +SIZE +CREATED/);
    expect(stderr).toContain("npx sluice list --limit 1 --cursor ");
  });

  test("a reader that stops reading stops nothing", () => {
    const { stderr } = spawnSync(
      "sh",
      [
        "-c",
        `("${process.execPath}" "${sluiceScript}" list --all --json; echo "code $?" >&2) | true`,
      ],
      { encoding: "utf8", env: { ...process.env, ...env } },
    );

    expect(stderr).toBe("code 0\n");
  });

  test("status shows every rendition, by beginning of the id and by page", async () => {
    const { lines } = await finish("list", "--json");
    const { videoId, title } = videoLine.parse(lines.find(({ status }) => status === "ready"));

    const byId = await finish("status", videoId.slice(0, 13));
    const byPage = await finish("status", `${ready.web}/#/videos/${videoId}`, "--json");

    expect(byId.stdout).toContain(title);
    expect(byId.stdout).toMatch(/360p +█+ +\d+ of \d+ segments/);
    expect(byPage.lines[0]).toMatchObject({ event: "video", videoId, status: "ready" });
  });

  test("status says why a video failed", async () => {
    const { lines } = await finish("list", "--json");
    const { videoId } = videoLine.parse(lines.find(({ status }) => status === "failed"));

    const { code, stdout } = await finish("status", videoId);

    expect(code).toBe(0);
    expect(stdout).toMatch(/reason +\S.{10,}\.$/m);
  });

  test("watch --print opens the playlist to any player", async () => {
    const { lines } = await finish("list", "--json");
    const { videoId } = videoLine.parse(lines.find(({ status }) => status === "ready"));

    const printed = await finish("watch", videoId, "--print", "--json");
    const { playlist, cookie, link } = z
      .object({ ...playable, link: z.url() })
      .omit({ ms: true, file: true })
      .parse(printed.lines[0]);

    expect((await fetch(playlist, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(playlist)).status).toBe(403);
    expect((await fetch(link)).status).toBe(200);
    expect((await finish("watch", videoId, "--print")).stdout).toContain(`Playlist  ${playlist}`);
  });

  test.runIf(process.platform === "linux")("watch opens the page in the browser", async () => {
    const browser = join(directory, "browser");
    const opened = join(directory, "opened");
    await writeFile(
      browser,
      `#!/bin/sh\necho "$1" > "${opened}.new" && mv "${opened}.new" "${opened}"\n`,
    );
    await chmod(browser, 0o755);
    const { lines } = await finish("list", "--json", "--limit", "1");
    const videoId = String(lines[0]?.videoId);
    const screen = { ...env, BROWSER: browser, DISPLAY: "", WAYLAND_DISPLAY: "" };

    const { code } = await command(["watch", videoId], { env: screen }).finished;

    expect(code).toBe(0);
    await expect
      .poll(() => readFile(opened, "utf8").catch(() => ""), { timeout: 20_000 })
      .toBe(`${ready.web}/#/videos/${videoId}\n`);
  });

  test("watch of what cannot be played says so", async () => {
    const { lines } = await finish("list", "--json");
    const { videoId } = videoLine.parse(lines.find(({ status }) => status === "failed"));

    expect(await finish("watch", videoId, "--print", "--json")).toMatchObject({
      code: 1,
      lines: [errorLine("not-playable")],
    });
  });
});

describe("delete", () => {
  test("asks nobody who cannot answer, and deletes nothing when one id is wrong", async () => {
    const { lines } = await finish("list", "--json", "--limit", "1");
    const videoId = String(lines[0]?.videoId);

    const unasked = await finish("delete", videoId, "--json");
    const wrong = await finish("delete", videoId, randomUUID(), "--yes", "--json");

    expect(unasked).toMatchObject({ code: 2, lines: [errorLine("confirmation-missing")] });
    expect(wrong).toMatchObject({ code: 4, lines: [errorLine("not-found")] });
    expect((await finish("status", videoId)).code).toBe(0);
  });

  test("--yes deletes for good", async () => {
    const { lines } = await finish("list", "--json", "--limit", "2");
    const ids = lines.slice(0, 2).map(({ videoId }) => String(videoId));

    const deleted = await finish("delete", ...ids, "--yes", "--json");

    expect(deleted).toMatchObject({
      code: 0,
      lines: ids.map((videoId) => ({ event: "deleted", videoId })),
    });
    for (const videoId of ids) expect((await finish("status", videoId)).code).toBe(4);
  });
});

describe("who asks, and whom", () => {
  test("a token that is refused ends with 5, and is never shown", async () => {
    const token = "a-token-that-is-secret";

    const answer = await command(["list", "--json"], { env: { ...env, SLUICE_TOKEN: token } })
      .finished;

    expect(answer).toMatchObject({ code: 5, lines: [errorLine("unauthenticated")] });
    expect(answer.stdout + answer.stderr).not.toContain(token);
  });

  test("a token file is taken", async () => {
    const file = join(directory, "token");
    await writeFile(file, `${ready.token}\n`, { mode: 0o600 });

    expect((await finish("list", "--token-file", file)).code).toBe(0);
  });

  test("nothing there ends with 3, and says how to start", async () => {
    const answer = await finish("list", "--url", "http://127.0.0.1:1", "--json");

    expect(answer).toMatchObject({ code: 3, lines: [errorLine("not-running")] });
    expect(answer.stdout).toContain("npm start");
  });

  test("another server there ends with 3", async () => {
    expect(await finish("list", "--url", ready.endpoint, "--json")).toMatchObject({
      code: 3,
      lines: [errorLine("not-sluice")],
    });
  });

  test("the doctor finds this machine fit, and the Sluice answering", async () => {
    const { code, lines } = await finish("doctor", "--json");

    const checkLine = z.strictObject({
      event: z.literal("check"),
      ...{ name: z.string(), status: z.enum(["ok", "optional", "missing"]), message: z.string() },
      todo: z.string().optional(),
    });
    const checks = lines.map((line) => checkLine.parse(line));
    expect(checks.filter(({ status }) => status === "missing")).toEqual([]);
    expect(code).toBe(0);
    for (const name of [
      "Node",
      "ffmpeg",
      "ffprobe",
      "encoders",
      "filters",
      "disk space",
      "Sluice",
      "token",
      "clock",
    ]) {
      expect(checks.map((check) => check.name)).toContain(name);
    }
  });

  test("the doctor of a Sluice that is named and not there ends with 1", async () => {
    const { code, lines } = await finish("doctor", "--url", "http://127.0.0.1:1", "--json");

    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ name: "Sluice", status: "missing" });
  });
});
