import { headerOf } from "../checksums/algorithms.ts";
import type { S3Environment } from "../environment.ts";
import type { S3Request } from "../request.ts";
import { headersToStore } from "../stored-headers.ts";
import { checkWriteConditions, receiveBlob, requesterOf } from "./write-object.ts";

const defaultType = "binary/octet-stream";

export async function putObject(environment: S3Environment, request: S3Request): Promise<void> {
  const { bucket, key } = request;
  const { response } = request.exchange;
  environment.buckets.get(bucket);
  const headers = { "content-type": defaultType, ...headersToStore(request) };
  // Once before the body, to refuse early, and once with the change, to be right.
  checkWriteConditions(environment, request);
  const received = await receiveBlob(environment, request);
  const { blob, size, md5 } = received;
  const checksum = received.checksum && { ...received.checksum, type: "FULL_OBJECT" as const };
  try {
    environment.commit(() => {
      environment.buckets.get(bucket);
      checkWriteConditions(environment, request);
      const contentId = environment.objects.addContent({ blob, size, etag: md5, checksum });
      const freed = environment.objects.point(bucket, key, contentId, headers);
      environment.notifications.record({
        name: "ObjectCreated:Put",
        bucket,
        key,
        object: { size, etag: md5 },
        requester: requesterOf(request),
      });
      return { result: undefined, freed };
    });
  } catch (error) {
    await environment.blobs.remove([blob]);
    throw error;
  }
  response.setHeader("etag", `"${md5}"`);
  response.setHeader("x-amz-server-side-encryption", "AES256");
  if (checksum) {
    response.setHeader(headerOf(checksum.algorithm), checksum.value);
    response.setHeader("x-amz-checksum-type", checksum.type);
  }
  response.end();
}
