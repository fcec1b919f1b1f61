import { createHash } from "node:crypto";
import {
  GetObjectCommand,
  ListBucketsCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ReadyEvent } from "./sluice-process.ts";

/**
 * Everything that was made of a video: what a viewer would be sent, by key below the video's folder
 * (`{planHash}/720p/000000.m4s`). A value is the SHA-256 of the bytes, with the headers that go along.
 */
export async function mediaObjects(
  { endpoint, credentials }: ReadyEvent,
  videoId: string,
): Promise<ReadonlyMap<string, string>> {
  const { region } = credentials;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const prefix = `videos/${videoId}/`;
  const found = new Map<string, string>();
  try {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    for (const { Name: Bucket } of Buckets) {
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix })) {
        for (const { Key = "" } of page.Contents ?? []) {
          const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
          const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
          const digest = createHash("sha256").update(bytes).digest("hex");
          found.set(
            Key.slice(prefix.length),
            `${digest} ${object.ContentType} ${object.CacheControl}`,
          );
        }
      }
    }
  } finally {
    s3.destroy();
  }
  return found;
}

/** Keys that only one of them has, or that differ. */
export function differencesOf(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): string[] {
  const keys = new Set([...a.keys(), ...b.keys()]);
  return [...keys].filter((key) => a.get(key) !== b.get(key)).sort();
}
