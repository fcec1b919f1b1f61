import {
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { problem, sluiceForTests } from "./support/sluice-for-tests.ts";

const sluice = sluiceForTests();

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
      () => sluice.clip.subarray(0, Math.floor(sluice.clip.length / 2)),
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
      const videoId = await sluice.api.upload(fileName, content());

      const video = await sluice.api.settled(videoId);
      const playback = await sluice.api.call("POST", `/videos/${videoId}/playback`);

      expect(video.status).toBe("failed");
      expect(video.failure?.message).toMatch(/^\S.{10,}\.$/);
      expect(video.failure?.message).not.toMatch(/ffprobe|ffmpeg|http|\/tmp/i);
      expect(playback).toEqual(problem(409, "not-playable"));
      expect(await objectsOf(videoId)).toEqual([]);
    },
  );
});

async function objectsOf(videoId: string): Promise<string[]> {
  const s3 = new S3Client({
    ...sluice.ready,
    region: sluice.ready.credentials.region,
    forcePathStyle: true,
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const keys: string[] = [];
  for (const { Name: Bucket } of Buckets) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    keys.push(...Contents.map(({ Key = "" }) => Key), ...Uploads.map(({ Key = "" }) => Key));
  }
  return keys.filter((key) => key.includes(videoId));
}
