import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { sourceKey } from "../domain/keys.ts";
import type { SourceStore } from "../ports.ts";
import { plainEtag, unlessMissing } from "./s3-answers.ts";

export const s3SourceStore = (client: S3Client, bucket: string): SourceStore => {
  const at = (videoId: string) => ({ Bucket: bucket, Key: sourceKey(videoId) });
  return {
    async describe(videoId) {
      const head = await unlessMissing(client.send(new HeadObjectCommand(at(videoId))));
      if (!head) return undefined;
      if (head.ContentLength === undefined)
        throw new Error("S3 described a source without a size.");
      return { bytes: head.ContentLength, etag: plainEtag(head.ETag) };
    },
    async read(videoId, first, end, signal) {
      const { Body } = await client.send(
        new GetObjectCommand({ ...at(videoId), Range: `bytes=${first}-${end - 1}` }),
        signal ? { abortSignal: signal } : {},
      );
      if (!Body) throw new Error("S3 answered a range without a body.");
      return Body.transformToByteArray();
    },
    async remove(videoId) {
      await client.send(new DeleteObjectCommand(at(videoId)));
    },
  };
};
