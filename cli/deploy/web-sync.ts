import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import {
  DeleteObjectsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { contentType } from "mime-types";

export interface WebFile {
  /** Key in the bucket, for example `config.json`. */
  readonly key: string;
  readonly body: Buffer;
}

/** Names with a content hash never change; what names them must be asked for again; a token is never stored. */
export function cacheControl(key: string): string {
  if (key === "config.json") return "no-store";
  if (key.startsWith("assets/")) return "public, max-age=31536000, immutable";
  return "public, max-age=0, must-revalidate";
}

async function builtFiles(directory: string): Promise<WebFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile() && entry.name !== ".fingerprint")
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return {
          key: relative(directory, path).split(sep).join("/"),
          body: await readFile(path),
        };
      }),
  );
}

/** Makes the bucket hold the built page and `extra`, and nothing else; unchanged files are not sent. */
export async function syncWeb(
  s3: S3Client,
  bucket: string,
  directory: string,
  extra: readonly WebFile[],
): Promise<{ sent: string[]; deleted: string[] }> {
  const present = new Map<string, string>();
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const object of page.Contents ?? []) {
      if (object.Key && object.ETag) present.set(object.Key, object.ETag);
    }
  }
  const files = [...(await builtFiles(directory)), ...extra];
  const changed = files.filter(
    ({ key, body }) => present.get(key) !== `"${createHash("md5").update(body).digest("hex")}"`,
  );
  // index.html last: it must not name assets that are not there yet.
  for (const { key, body } of changed.sort(
    (a, b) => Number(a.key === "index.html") - Number(b.key === "index.html"),
  )) {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: contentType(key.split("/").at(-1) ?? key) || "application/octet-stream",
        CacheControl: cacheControl(key),
      }),
    );
  }
  const wanted = new Set(files.map(({ key }) => key));
  const stale = [...present.keys()].filter((key) => !wanted.has(key));
  for (let start = 0; start < stale.length; start += 1000) {
    const batch = stale.slice(start, start + 1000);
    await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: batch.map((Key) => ({ Key })) },
      }),
    );
  }
  return { sent: changed.map(({ key }) => key), deleted: stale };
}
