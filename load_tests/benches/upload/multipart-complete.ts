import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import PQueue from "p-queue";
import type { ReadyEvent } from "../../system/sluice-process.ts";

/** The least that S3 takes for a part that is not the last. */
const part = Buffer.alloc(5 * 1024 ** 2, "part");
/** A bucket of its own: nobody is told of what comes into it. */
const place = { Bucket: "bench-complete", Key: "joined" };

/** Uploads `parts` parts, and times what joins them: CompleteMultipartUpload, in milliseconds. */
export async function completeMs(
  { endpoint, credentials }: ReadyEvent,
  parts: number,
): Promise<number> {
  const { region } = credentials;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    await s3.send(new CreateBucketCommand({ Bucket: place.Bucket }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place));
    const queue = new PQueue({ concurrency: 4 });
    const numbers = Array.from({ length: parts }, (_, index) => index + 1);
    const uploaded = await queue.addAll(
      numbers.map((PartNumber) => async () => {
        const command = new UploadPartCommand({ ...place, UploadId, PartNumber, Body: part });
        const { ETag } = await s3.send(command);
        return { PartNumber, ETag };
      }),
    );
    const began = performance.now();
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...place,
        UploadId,
        MultipartUpload: { Parts: uploaded },
      }),
    );
    const ms = performance.now() - began;
    await s3.send(new DeleteObjectCommand(place));
    return ms;
  } finally {
    s3.destroy();
  }
}
