import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { sourceKey } from "../domain/keys.ts";
import type { LinkSigner } from "../ports.ts";

/** Longer than a task may run: the transcode function's time, and some. */
const seconds = 15 * 60;

export const s3LinkSigner = (
  client: S3Client,
  buckets: { readonly source: string; readonly media: string },
): LinkSigner => {
  const read = (Bucket: string, Key: string) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: seconds });
  return {
    seconds,
    readSource: (videoId) => read(buckets.source, sourceKey(videoId)),
    readMedia: (key) => read(buckets.media, key),
    async write(key, headers) {
      // Signed, so that whoever holds the link cannot choose another type or replace what is there.
      const names = new Set([...Object.keys(headers), "host"]);
      const url = await getSignedUrl(
        client,
        new PutObjectCommand({
          Bucket: buckets.media,
          Key: key,
          ContentType: headers["content-type"],
          CacheControl: headers["cache-control"],
          IfNoneMatch: headers["if-none-match"],
        }),
        { expiresIn: seconds, signableHeaders: names, unhoistableHeaders: names },
      );
      return { url, headers: { ...headers } };
    },
  };
};
