import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { BodyVerifier } from "../checksums/request-checksum.ts";
import { judgeWrite } from "../conditions.ts";
import type { S3Environment } from "../environment.ts";
import { invalidRequest, preconditionFailed } from "../errors.ts";
import type { S3Request } from "../request.ts";
import { answerXml, parseXml, type XmlElement } from "../xml.ts";
import { requesterOf } from "./write-object.ts";

const mostKeys = 1000;
/** A thousand keys of 1024 bytes, each byte escaped, with their tags. */
const largestBody = 8 * 1024 * 1024;

const deleteSchema = z.strictObject({
  Quiet: z.enum(["true", "false"]).optional(),
  Object: z
    .array(
      z.strictObject({
        Key: z.string().min(1),
        VersionId: z.literal("null").optional(),
        ETag: z.string().optional(),
      }),
    )
    .min(1)
    .max(mostKeys),
});

export async function deleteObject(environment: S3Environment, request: S3Request): Promise<void> {
  environment.buckets.get(request.bucket);
  remove(environment, request, request.key, request.header("if-match"));
  request.exchange.response.statusCode = 204;
  request.exchange.response.end();
}

export async function deleteObjects(environment: S3Environment, request: S3Request): Promise<void> {
  environment.buckets.get(request.bucket);
  const verifier = new BodyVerifier(request);
  if (verifier.given === undefined && request.header("content-md5") === undefined) {
    throw invalidRequest(
      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    );
  }
  const stream = request.exchange.stream();
  const body = await collectWith(stream.chunks, verifier);
  verifier.finish(stream.trailers);
  const wanted = parseXml(body, "Delete", ["Object"], deleteSchema);

  const deleted: XmlElement[] = [];
  const errors: XmlElement[] = [];
  for (const { Key, ETag } of wanted.Object) {
    try {
      remove(environment, request, Key, ETag);
      deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      errors.push({ Key, Code: error.code, Message: error.message });
    }
  }
  answerXml(request.exchange.response, "DeleteResult", {
    Deleted: wanted.Quiet === "true" ? [] : deleted,
    Error: errors,
  });
}

function remove(
  environment: S3Environment,
  request: S3Request,
  key: string,
  ifMatch: string | undefined,
): void {
  const { bucket } = request;
  environment.commit(() => {
    const object = environment.objects.find(bucket, key);
    if (object && judgeWrite({ ifMatch }, object) !== "proceed")
      throw preconditionFailed("If-Match");
    const { removed, freed } = environment.objects.remove(bucket, key);
    if (removed) {
      environment.notifications.record({
        name: "ObjectRemoved:Delete",
        bucket,
        key,
        requester: requesterOf(request),
      });
    }
    return { result: undefined, freed };
  });
}

async function collectWith(chunks: AsyncIterable<Buffer>, verifier: BodyVerifier): Promise<Buffer> {
  const collected: Buffer[] = [];
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > largestBody)
      throw new AwsError("MaxMessageLengthExceeded", "Your request was too big.");
    for (const digest of verifier.digests) digest.update(chunk);
    collected.push(chunk);
  }
  return Buffer.concat(collected);
}
