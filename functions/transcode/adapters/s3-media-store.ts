import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { cacheControl, contentTypes } from "../domain/keys.ts";
import type { MediaStore } from "../ports.ts";
import { isStatus, plainEtag, unlessMissing } from "./s3-answers.ts";

/** DeleteObjects takes this many keys. */
const keysPerDelete = 1_000;

/** What a playlist shows stands in its metadata, so that nobody parses it to find out. */
const playlistMetadata = z.object({
  segments: z.coerce.number().int().min(0),
  ended: z.enum(["true", "false"]),
});

export const s3MediaStore = (client: S3Client, bucket: string): MediaStore => {
  const remove = async (keys: readonly string[]) => {
    for (let from = 0; from < keys.length; from += keysPerDelete) {
      const Objects = keys.slice(from, from + keysPerDelete).map((Key) => ({ Key }));
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      );
      if (Errors[0]) throw new Error(`S3 kept ${Errors.length} objects: ${Errors[0].Code}.`);
    }
  };

  return {
    async head(key, startBytes) {
      const at = { Bucket: bucket, Key: key };
      if (startBytes === 0) {
        const head = await unlessMissing(client.send(new HeadObjectCommand(at)));
        return (
          head && {
            bytes: head.ContentLength ?? 0,
            etag: plainEtag(head.ETag),
            start: new Uint8Array(),
          }
        );
      }
      // One request instead of two: the answer to a range states the whole size.
      const answer = await unlessMissing(
        client.send(new GetObjectCommand({ ...at, Range: `bytes=0-${startBytes - 1}` })),
      );
      if (!answer) return undefined;
      const total = /\/(\d+)$/.exec(answer.ContentRange ?? "")?.[1];
      const start = await (answer.Body?.transformToByteArray() ?? new Uint8Array());
      return {
        bytes: total === undefined ? (answer.ContentLength ?? 0) : Number(total),
        etag: plainEtag(answer.ETag),
        start,
      };
    },

    remove,

    async removeAll(prefix) {
      const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
      for await (const { Contents = [] } of pages)
        await remove(Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
    },

    async playlistState(key) {
      const head = await unlessMissing(
        client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
      );
      if (!head) return undefined;
      const { segments, ended } = playlistMetadata.parse(head.Metadata ?? {});
      return { etag: head.ETag ?? "", segments, ended: ended === "true" };
    },

    async writePlaylist(key, text, { segments, ended }, replaces) {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: text,
            ContentType: contentTypes.playlist,
            CacheControl: ended ? cacheControl.immutable : cacheControl.growing,
            Metadata: { segments: String(segments), ended: String(ended) },
            ...(replaces ? { IfMatch: replaces.etag } : { IfNoneMatch: "*" }),
          }),
        );
        return true;
      } catch (error) {
        // 412 and 409: another commit was quicker. 404: what should be replaced was removed.
        if (isStatus(error, 404, 409, 412)) return false;
        throw error;
      }
    },
  };
};
