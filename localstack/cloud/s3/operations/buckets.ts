import { AwsError } from "../../aws-error.ts";
import { emptyConfiguration } from "../bucket-configuration.ts";
import type { S3Environment } from "../environment.ts";
import type { S3Request } from "../request.ts";
import { answerXml } from "../xml.ts";

export async function listBuckets(environment: S3Environment, request: S3Request): Promise<void> {
  answerXml(request.exchange.response, "ListAllMyBucketsResult", {
    Owner: { ID: environment.context.accountId },
    Buckets: {
      Bucket: environment.buckets.list().map((bucket) => ({
        Name: bucket.name,
        CreationDate: new Date(bucket.createdAt).toISOString(),
        BucketRegion: environment.context.region,
      })),
    },
  });
}

export async function createBucket(environment: S3Environment, request: S3Request): Promise<void> {
  checkBucketName(request.bucket);
  // As in us-east-1, making one's own bucket again succeeds and changes nothing.
  if (!environment.buckets.find(request.bucket)) {
    environment.buckets.put(request.bucket, emptyConfiguration);
  }
  request.exchange.response.setHeader("location", `/${request.bucket}`);
  request.exchange.response.end();
}

export async function deleteBucket(environment: S3Environment, request: S3Request): Promise<void> {
  removeBucket(environment, request.bucket);
  request.exchange.response.statusCode = 204;
  request.exchange.response.end();
}

export async function headBucket(environment: S3Environment, request: S3Request): Promise<void> {
  environment.buckets.get(request.bucket);
  request.exchange.response.setHeader("x-amz-bucket-region", environment.context.region);
  request.exchange.response.end();
}

/** @throws AwsError NoSuchBucket, BucketNotEmpty (409) */
export function removeBucket({ buckets }: S3Environment, name: string): void {
  buckets.get(name);
  if (!buckets.isEmpty(name)) {
    throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {
      BucketName: name,
    });
  }
  buckets.remove(name);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function checkBucketName(name: string): void {
  const valid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!valid) {
    throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, {
      BucketName: name,
    });
  }
}
