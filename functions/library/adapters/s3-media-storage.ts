import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { MediaStorage } from "../ports.ts";

export const s3MediaStorage = (
  client: S3Client,
  sourceBucket: string,
  mediaBucket: string,
): MediaStorage => {
  const source = (videoId: string) => ({ Bucket: sourceBucket, Key: `sources/${videoId}` });

  return {
    async abortUpload(videoId, storageId) {
      try {
        await client.send(
          new AbortMultipartUploadCommand({ ...source(videoId), UploadId: storageId }),
        );
      } catch (error) {
        if (!(error instanceof S3ServiceException && error.name === "NoSuchUpload")) throw error;
      }
    },

    async removeSource(videoId) {
      await client.send(new DeleteObjectCommand(source(videoId)));
    },

    async removeMedia(videoId) {
      // Always the first page, until nothing is left: both calls take at most 1,000 keys.
      for (;;) {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: mediaBucket, Prefix: `videos/${videoId}/` }),
        );
        const keys = (page.Contents ?? []).flatMap(({ Key }) =>
          Key === undefined ? [] : [{ Key }],
        );
        if (keys.length === 0) return;
        const { Errors: errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket: mediaBucket,
            Delete: { Objects: keys, Quiet: true },
          }),
        );
        const [first] = errors;
        if (first) {
          throw new Error(`S3 kept ${errors.length} objects, ${first.Key} for ${first.Code}.`);
        }
      }
    },
  };
};
