import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { ensureAssembly, ensureWeb } from "@sluice/cli/embedded/assembly.ts";
import { openPlatform, type Platform } from "@sluice/cli/embedded/platform.ts";
import { type Dispatch, dispatches, type Video } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawApi } from "./support/api.ts";
import { makeClip } from "./support/media.ts";

const root = dirname(import.meta.dirname);
let directory: string;
let platform: Platform;
let api: RawApi;
let s3: S3Client;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-dispatch-"));
  platform = await openPlatform({
    dataDir: join(directory, "data"),
    port: 0,
    databaseUrl: undefined,
    assemblyDir: await ensureAssembly(root, () => {}),
    webDir: await ensureWeb(root, () => {}),
    // Every message comes twice, and in any order.
    faults: { seed: 1, duplicateRate: 1, reorderRate: 1, duplicateWithinMs: 2_000 },
    onStep: () => {},
    onNotice: () => {},
  });
  const { addresses } = platform;
  api = new RawApi(addresses);
  s3 = new S3Client({
    endpoint: addresses.endpoint,
    region: addresses.credentials.region,
    credentials: { ...addresses.credentials },
    forcePathStyle: true,
  });
});

afterAll(async () => {
  s3?.destroy();
  await platform?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Names below the video's own folder, with the SHA-256 of their content. */
async function made(videoId: string): Promise<Record<string, string>> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const Prefix = `videos/${videoId}/`;
  const hashes: Record<string, string> = {};
  for (const { Name: Bucket } of Buckets) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    for (const { Key = "" } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      hashes[Key.slice(Prefix.length)] = createHash("sha256").update(bytes).digest("hex");
    }
  }
  return hashes;
}

test("a file is made the same, byte for byte, by pull and by push, whatever comes twice or out of order", async () => {
  // Prepare
  const clip = await readFile(await makeClip(directory, "clip.mp4", { seconds: 14 }));

  // Act
  const videos = new Map<Dispatch, Video>();
  for (const dispatch of dispatches) {
    const videoId = await api.upload("clip.mp4", clip, { dispatch });
    videos.set(dispatch, await api.settled(videoId));
  }

  // Assess
  const [pulled, pushed] = [videos.get("pull"), videos.get("push")];
  expect(pulled).toMatchObject({ status: "ready", dispatch: "pull" });
  expect(pushed).toMatchObject({ status: "ready", dispatch: "push" });
  const [byPull, byPush] = [await made(pulled?.videoId ?? ""), await made(pushed?.videoId ?? "")];
  expect(Object.keys(byPull).filter((name) => name.endsWith(".m4s")).length).toBeGreaterThan(8);
  expect(Object.keys(byPull).some((name) => name.endsWith("master.m3u8"))).toBe(true);
  expect(byPush).toEqual(byPull);
});
