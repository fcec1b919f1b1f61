import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Video } from "@sluice/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RawApi, tokenFor } from "./support/api.ts";
import { makeClip } from "./support/media.ts";
import { type ReadyEvent, SluiceProcess } from "./support/sluice-process.ts";

let directory: string;
let dataDir: string;
let sluice: SluiceProcess;
let ready: ReadyEvent;
let api: RawApi;
let clip: Buffer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-bad-input-"));
  dataDir = join(directory, "data");
  // A file makes the start skip its sample clip; this one also serves the tests.
  const file = await makeClip(directory, "clip.mp4", { seconds: 2 });
  clip = await readFile(file);
  sluice = new SluiceProcess(["--port", "0", "--data-dir", dataDir, file]);
  ready = await sluice.ready();
  api = new RawApi(ready);
  await sluice.waitFor(({ event }) => event === "done");
});

afterAll(async () => {
  await sluice?.stop();
  await rm(directory, { recursive: true, force: true });
});

const problem = (status: number, code: string) =>
  expect.objectContaining({
    status,
    type: expect.stringContaining("application/problem+json"),
    body: expect.objectContaining({ code, status, detail: expect.stringMatching(/\w/) }),
  });

describe("who may ask", () => {
  test.each([
    ["no token", ""],
    ["a token that is none", "nonsense"],
    ["a token of another issuer", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."],
  ])("%s: 401 as problem+json", async (_name, token) => {
    const answer = await new RawApi(ready, token).call("GET", "/videos");

    expect(answer).toEqual(problem(401, "unauthenticated"));
  });

  test("another owner's upload and video do not exist", async () => {
    const upload = await api.create("mine.mp4", 10);
    const other = new RawApi(ready, await tokenFor("somebody-else", dataDir, ready.web));

    const answers = await Promise.all([
      other.call("GET", `/videos/${upload.videoId}`),
      other.call("DELETE", `/videos/${upload.videoId}`),
      other.call("POST", `/videos/${upload.videoId}/playback`),
      other.call("GET", `/uploads/${upload.uploadId}/parts`),
      other.call("POST", `/uploads/${upload.uploadId}/parts/sign`, { partNumbers: [1] }),
    ]);

    for (const answer of answers) expect(answer).toEqual(problem(404, "not-found"));
    expect((await other.call<{ videos: Video[] }>("GET", "/videos")).body.videos).toEqual([]);
  });

  test("an unknown id is 404, an id that is none is 400", async () => {
    expect(await api.call("GET", `/videos/${randomUUID()}`)).toEqual(problem(404, "not-found"));
    expect(await api.call("GET", "/videos/not-an-id")).toEqual(problem(400, "invalid-request"));
  });

  test("an unknown path is problem+json too", async () => {
    const answer = await api.call("GET", "/nothing-here");

    expect(answer.type).toContain("application/problem+json");
    expect(answer.status).toBe(404);
  });
});

describe("what may be uploaded", () => {
  test.each([
    ["an empty file", { fileName: "a.mp4", size: 0 }, 422, "file-empty"],
    ["a file beyond every limit", { fileName: "a.mp4", size: 1e15 }, 413, "file-too-large"],
    ["a field nobody knows", { fileName: "a.mp4", size: 1, colour: "red" }, 400, "invalid-request"],
    ["a size that is none", { fileName: "a.mp4", size: null }, 400, "invalid-request"],
    ["a body that is no JSON", "{", 400, "invalid-request"],
  ])("%s is refused", async (_name, body, status, code) => {
    const answer = await api.call("POST", "/uploads", body, { "idempotency-key": randomUUID() });

    expect(answer).toEqual(problem(status, code));
  });

  test("create without an Idempotency-Key is refused; the same key twice makes one upload", async () => {
    const key = randomUUID();

    const without = await api.call("POST", "/uploads", { fileName: "a.mp4", size: 1 });
    const [first, second] = [await api.create("a.mp4", 1, key), await api.create("a.mp4", 1, key)];
    const other = await api.call(
      "POST",
      "/uploads",
      { fileName: "b.mp4", size: 2 },
      { "idempotency-key": key },
    );

    expect(without).toEqual(problem(400, "idempotency-key-missing"));
    expect(second).toEqual(first);
    expect(other.body.code).toBe("idempotency-key-reused");
  });

  test("a part of another length than declared is refused by its link", async () => {
    const upload = await api.create("a.mp4", 100);

    const [part] = await api.putParts(upload, Buffer.alloc(99));

    expect(part?.status).toBe(403);
  });

  test("complete without every part says which are missing; a second complete answers the same", async () => {
    const upload = await api.create("clip.mp4", clip.length);
    const path = `/uploads/${upload.uploadId}/complete`;

    const early = await api.call("POST", path, { parts: [{ partNumber: 1, etag: '"0"' }] });
    const sent = await api.putParts(upload, clip);
    const parts = sent.map(({ partNumber, etag }) => ({ partNumber, etag }));
    const first = await api.call("POST", path, { parts });
    const second = await api.call("POST", path, { parts });
    const different = await api.call("POST", path, { parts: [{ partNumber: 1, etag: '"0"' }] });

    expect(early).toEqual(problem(409, "parts-missing"));
    expect(first.status).toBe(202);
    expect(second).toEqual(first);
    expect(different).toEqual(problem(409, "upload-completed"));
    await api.settled(upload.videoId);
  });

  test("an upload that was aborted is gone, and aborting it again is fine", async () => {
    const upload = await api.create("a.mp4", 100);

    const aborted = await api.call("DELETE", `/uploads/${upload.uploadId}`);
    const again = await api.call("DELETE", `/uploads/${upload.uploadId}`);
    const video = await api.call("GET", `/videos/${upload.videoId}`);

    expect([aborted.status, again.status, video.status]).toEqual([204, 204, 404]);
  });
});

describe("what cannot be played", () => {
  test.each([
    [
      "a text file",
      "notes.mp4",
      () => Buffer.from("Dear diary, today I pretended to be a film.\n".repeat(500)),
    ],
    [
      "random bytes",
      "noise.mp4",
      () => Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 256)),
    ],
    [
      "a film cut off before its index",
      "cut.mp4",
      () => clip.subarray(0, Math.floor(clip.length / 2)),
    ],
    [
      "a playlist that names other files",
      "list.mp4",
      () =>
        Buffer.from(
          "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        ),
    ],
  ])(
    "%s becomes a failed video with a reason, and nothing stays in the buckets",
    async (_name, fileName, content) => {
      const videoId = await api.upload(fileName, content());

      const video = await api.settled(videoId);
      const playback = await api.call("POST", `/videos/${videoId}/playback`);

      expect(video.status).toBe("failed");
      expect(video.failure?.message).toMatch(/^\S.{10,}\.$/);
      expect(video.failure?.message).not.toMatch(/ffprobe|ffmpeg|http|\/tmp/i);
      expect(playback).toEqual(problem(409, "not-playable"));
      expect(await objectsOf(videoId)).toEqual([]);
    },
  );
});

async function objectsOf(videoId: string): Promise<string[]> {
  const s3 = new S3Client({ ...ready, region: ready.credentials.region, forcePathStyle: true });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const keys: string[] = [];
  for (const { Name: Bucket } of Buckets) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    keys.push(...Contents.map(({ Key = "" }) => Key), ...Uploads.map(({ Key = "" }) => Key));
  }
  return keys.filter((key) => key.includes(videoId));
}
